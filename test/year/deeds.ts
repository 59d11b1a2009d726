import { type Key, keyOf } from '../../src/api/meta.ts'
import { annotation } from '../../src/api/labels.ts'
import type { SecretTask } from '../../src/api/generated.ts'
import { IN_SHOP, NAMESPACE, type Demo } from '../demo/scene.ts'
import { until, type View } from '../demo/view.ts'
import type { Diary } from './diary.ts'

/** The year as those see it who live in it. */
export interface Year extends Demo {
  readonly view: View
  readonly diary: Diary
  /** The date by the operator's calendar, in milliseconds since the epoch. */
  readonly now: () => number
}

/** What people do in the course of the year. */
export interface Deed {
  /** Counted from the first task. */
  readonly day: number
  readonly what: string
  readonly act: (year: Year) => Promise<unknown>
}

const kubectl = ({ world }: Year, ...args: readonly string[]): Promise<string> => world.kubectl([IN_SHOP, ...args])

const change =
  (name: string, specFor: (year: Year) => object) =>
  (year: Year): Promise<string> => {
    const patch = JSON.stringify({ spec: specFor(year) })
    return kubectl(year, 'patch', 'customcredential', name, '--type=merge', '--patch', patch)
  }

const rotateNow =
  (name: string) =>
  (year: Year): Promise<string> => {
    const request = `${annotation.rotateRequestedAt}=${textOf(year.now())}`
    return kubectl(year, 'annotate', 'customcredential', name, '--overwrite', request)
  }

/** Cancels the task of a rotation while it is at work: as often as it takes, for a run may be faster than its cancellation. */
const cancelRotation =
  (name: string) =>
  async (year: Year): Promise<void> => {
    const { diary, view, signal } = year
    const isAtWork = ({ spec, status }: SecretTask): boolean =>
      spec.credential.name === name && spec.type === 'create_credentials' && status.state === 'processing'
    while (diary.cancels === 0) {
      await rotateNow(name)(year)
      let key: Key = { name }
      await until(
        `a rotation of ${name}`,
        () => {
          const task = view.tasks.list().find(isAtWork)
          if (task !== undefined) key = keyOf(task)
          return task !== undefined
        },
        signal,
      )
      await kubectl(year, 'delete', 'secrettask', key.name, '--wait=false')
      await until('the end of its task', () => view.tasks.get(key) === undefined, signal)
    }
  }

const remove =
  (name: string) =>
  async (year: Year): Promise<void> => {
    await kubectl(year, 'delete', 'customcredential', name, '--wait=false')
    const isGone = () => year.view.credentials.get({ namespace: NAMESPACE, name }) === undefined
    await until(`the end of ${name}`, isGone, year.signal)
  }

const textOf = (date: number): string => `${new Date(date).toISOString().slice(0, 19)}Z`
const lock = (name: string, version: string): object => ({ locks: [{ name, version }] })

/** In order of their days. */
export const DEEDS: readonly Deed[] = [
  {
    day: 60,
    what: 'the audit locks the current version of ledger',
    act: change('ledger', () => lock('audit', 'current')),
  },
  { day: 75, what: 'staging is suspended', act: change('staging', () => ({ suspend: true })) },
  { day: 100, what: 'somebody asks for a rotation of archive', act: rotateNow('archive') },
  { day: 115, what: 'campaign is asked for again after its end', act: rotateNow('campaign') },
  {
    day: 130,
    what: 'reports may write from now on, at once',
    act: change('reports', () => ({ parameters: { role: 'orders_readwrite' } })),
  },
  {
    day: 150,
    what: 'a leak at partner: what was issued before now is replaced and revoked',
    act: change('partner', ({ now }) => ({ revokeIssuedBefore: textOf(now()) })),
  },
  { day: 170, what: 'staging goes on', act: change('staging', () => ({ suspend: null })) },
  { day: 190, what: 'the audit is over: ledger is free', act: change('ledger', () => ({ locks: null })) },
  { day: 200, what: 'a rotation of metrics is asked for, and cancelled', act: cancelRotation('metrics') },
  { day: 230, what: 'campaign is asked for once more', act: rotateNow('campaign') },
  {
    day: 250,
    what: 'a roll-back locks the previous version of orders',
    act: change('orders', () => lock('roll-back', 'previous')),
  },
  { day: 285, what: 'orders is free', act: change('orders', () => ({ locks: null })) },
  { day: 365, what: 'partner is deleted', act: remove('partner') },
]
