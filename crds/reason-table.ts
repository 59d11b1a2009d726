import { explained } from '../src/custom-credential/status/reasons.ts'

/** The reasons of a credential's conditions, as the README shows them. */
export const reasonTable = (): string => {
  const rows = Object.entries(explained).map(([reason, { conditions, stalls = false, means, remedy }]) => {
    const where = [...conditions, ...(stalls ? ['Stalled'] : [])].map((type) => `\`${type}\``).join(', ')
    return `| \`${reason}\` | ${where} | ${means} | ${remedy} |`
  })
  return ['| reason | of | what it means | what to do |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
