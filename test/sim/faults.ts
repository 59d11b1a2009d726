import { DISTURBANCES } from './disturbances.ts'

/** A fault of the catalogue (F1-F24), the places where it can strike, and its name in a plan. */
interface FaultType {
  readonly fault: string
  readonly catalogue: string
  readonly at: RegExp
}

const WRITE = /^write /
const READ = /^read /
const WATCH = /^watch /

const CATALOGUE: Readonly<Record<string, string>> = {
  'leader crashes': 'F3',
  'leader is frozen': 'F16',
  'event loop is blocked': 'F24',
  'clock jumps ahead': 'F18',
  'clock jumps back': 'F18',
  'history is compacted': 'F7',
  'credential is made anew': 'F21',
  'rotation is asked for': 'F21',
  'pods are evicted': 'F19',
}

export const FAULTS: readonly FaultType[] = [
  { fault: 'crash before', catalogue: 'F1', at: WRITE },
  { fault: 'crash after', catalogue: 'F2', at: WRITE },
  { fault: 'lost', catalogue: 'F4', at: WRITE },
  { fault: 'timeout', catalogue: 'F5', at: WRITE },
  { fault: 'conflict', catalogue: 'F6', at: /^write patch / },
  { fault: 'throttled', catalogue: 'F8', at: WRITE },
  { fault: 'broken', catalogue: 'F9', at: WRITE },
  { fault: 'forbidden', catalogue: 'F10', at: /^write create / },
  { fault: 'invalid', catalogue: 'F11', at: /^write create jobs/ },
  { fault: 'slow', catalogue: 'F13', at: WRITE },
  { fault: 'stray', catalogue: 'F17', at: WRITE },
  { fault: 'broken', catalogue: 'F9', at: READ },
  { fault: 'timeout', catalogue: 'F5', at: READ },
  { fault: 'cut', catalogue: 'F12', at: WATCH },
  { fault: 'silent', catalogue: 'F12', at: WATCH },
  { fault: 'expired', catalogue: 'F7', at: WATCH },
  { fault: 'lag', catalogue: 'F13, F14', at: WATCH },
  { fault: 'unreachable', catalogue: 'F5', at: /^gateway / },
  { fault: 'lost', catalogue: 'F4', at: /^gateway / },
  { fault: 'lost', catalogue: 'F22', at: /^upstream:/ },
  { fault: 'down', catalogue: 'F22', at: /^upstream:/ },
  { fault: 'refuse', catalogue: 'F22', at: /^upstream:/ },
  { fault: 'kill', catalogue: 'F19', at: /^container:/ },
  { fault: 'twice', catalogue: 'F19', at: /^job:start$/ },
  { fault: 'never', catalogue: 'F19', at: /^job:start$/ },
  ...Object.keys(DISTURBANCES).map((fault) => ({ fault, catalogue: CATALOGUE[fault] ?? 'F20', at: /^change$/ })),
]

/** What can go wrong at a place. */
export const faultsAt = (place: string): readonly string[] =>
  FAULTS.filter(({ at }) => at.test(place)).map(({ fault }) => fault)
