import { explainedReasons } from '../src/credentials-provider/reasons.ts'
import { explained } from '../src/custom-credential/status/reasons.ts'
import { KIT_ERRORS } from '../src/provider-kit/error-codes.ts'
import { GONE_TASK, TASK_ERRORS } from '../src/secret-task/error-codes.ts'

interface Explained {
  readonly conditions: readonly string[]
  /** `Stalled` says so, too. */
  readonly stalls?: true
  readonly means: string
  readonly remedy: string
}

type Cells = readonly [name: string, where: string, means: string, remedy: string]

const table = (what: string, where: string, rows: readonly Cells[]): string =>
  [[what, where, 'what it means', 'what to do'], ['---', '---', '---', '---'], ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n')

const code = (text: string): string => `\`${text}\``

const reasons = (all: Readonly<Record<string, Explained>>): string =>
  table(
    'reason',
    'of',
    Object.entries(all).map(([reason, { conditions, stalls = false, means, remedy }]) => {
      const where = [...conditions, ...(stalls ? ['Stalled'] : [])].map(code).join(', ')
      return [code(reason), where, means, remedy]
    }),
  )

const errors = (all: Readonly<Record<string, Pick<Explained, 'means' | 'remedy'>>>, by: string): Cells[] =>
  Object.entries(all).map(([name, { means, remedy }]) => [code(name), by, means, remedy])

/** What the README tells of every reason and error code, by the name of its place there. */
export const reasonTables = (): Readonly<Record<string, string>> => ({
  reasons: reasons(explained),
  'provider-reasons': reasons(explainedReasons),
  'task-errors': table('code', 'by', [
    ...errors(TASK_ERRORS, 'the operator'),
    ...errors(GONE_TASK, 'the operator, of a task that is gone'),
    ...errors(KIT_ERRORS, 'the kit'),
  ]),
})
