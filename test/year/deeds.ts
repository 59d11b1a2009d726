import { cancelRotation, change, remove, rotateNow } from '../demo/acts.ts'
import type { Told } from '../demo/scene.ts'

/** What people do in the course of the year. */
export interface Deed {
  /** Counted from the first task. */
  readonly day: number
  readonly what: string
  readonly act: (year: Told) => Promise<unknown>
}

const textOf = (date: number): string => `${new Date(date).toISOString().slice(0, 19)}Z`
const lock = (name: string, version: string): object => ({ locks: [{ name, version }] })

/** In order of their days. */
export const DEEDS: readonly Deed[] = [
  {
    day: 60,
    what: 'the audit locks the current version of ledger',
    act: (year) => change(year, 'ledger', lock('audit', 'current')),
  },
  { day: 75, what: 'staging is suspended', act: (year) => change(year, 'staging', { suspend: true }) },
  { day: 100, what: 'somebody asks for a rotation of archive', act: (year) => rotateNow(year, 'archive') },
  { day: 115, what: 'campaign is asked for again after its end', act: (year) => rotateNow(year, 'campaign') },
  {
    day: 130,
    what: 'reports may write from now on, at once',
    act: (year) => change(year, 'reports', { parameters: { role: 'orders_readwrite' } }),
  },
  {
    day: 150,
    what: 'a leak at partner: what was issued before now is replaced and revoked',
    act: (year) => change(year, 'partner', { revokeIssuedBefore: textOf(year.now()) }),
  },
  { day: 170, what: 'staging goes on', act: (year) => change(year, 'staging', { suspend: null }) },
  { day: 190, what: 'the audit is over: ledger is free', act: (year) => change(year, 'ledger', { locks: null }) },
  {
    day: 200,
    what: 'a rotation of metrics is asked for, and cancelled',
    act: (year) => cancelRotation(year, 'metrics'),
  },
  { day: 230, what: 'campaign is asked for once more', act: (year) => rotateNow(year, 'campaign') },
  {
    day: 250,
    what: 'a roll-back locks the previous version of orders',
    act: (year) => change(year, 'orders', lock('roll-back', 'previous')),
  },
  { day: 285, what: 'orders is free', act: (year) => change(year, 'orders', { locks: null }) },
  { day: 365, what: 'partner is deleted', act: (year) => remove(year, 'partner') },
]
