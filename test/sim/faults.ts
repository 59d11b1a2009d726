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
const OPEN_WATCH = /^open watch /

export const FAULTS: readonly FaultType[] = [
  { fault: 'crash before', catalogue: 'F1', at: WRITE },
  { fault: 'crash after', catalogue: 'F2', at: WRITE },
  { fault: 'crash before', catalogue: 'F3', at: READ },
  { fault: 'lost', catalogue: 'F4', at: WRITE },
  { fault: 'timeout', catalogue: 'F5', at: WRITE },
  { fault: 'timeout', catalogue: 'F5', at: READ },
  { fault: 'timeout', catalogue: 'F5', at: OPEN_WATCH },
  { fault: 'conflict', catalogue: 'F6', at: /^write patch / },
  { fault: 'race', catalogue: 'F6', at: /^write (patch|delete) / },
  { fault: 'expired', catalogue: 'F7', at: WATCH },
  { fault: 'expired', catalogue: 'F7', at: OPEN_WATCH },
  { fault: 'expired', catalogue: 'F7', at: /^read page / },
  { fault: 'throttled', catalogue: 'F8', at: WRITE },
  { fault: 'throttled', catalogue: 'F8', at: READ },
  { fault: 'overloaded', catalogue: 'F8', at: WRITE },
  { fault: 'broken', catalogue: 'F9', at: WRITE },
  { fault: 'broken', catalogue: 'F9', at: READ },
  { fault: 'garbled', catalogue: 'F9', at: WRITE },
  { fault: 'garbled', catalogue: 'F9', at: READ },
  { fault: 'bad gateway', catalogue: 'F9', at: /^gateway / },
  { fault: 'forbidden', catalogue: 'F10', at: WRITE },
  { fault: 'forbidden', catalogue: 'F10', at: READ },
  { fault: 'invalid', catalogue: 'F11', at: /^write (create|patch) / },
  { fault: 'denied', catalogue: 'F11', at: /^write (create|patch) / },
  { fault: 'cut', catalogue: 'F12', at: WATCH },
  { fault: 'closed', catalogue: 'F12', at: WATCH },
  { fault: 'silent', catalogue: 'F12', at: WATCH },
  { fault: 'slow', catalogue: 'F13', at: WRITE },
  { fault: 'lag', catalogue: 'F13, F14', at: WATCH },
  { fault: 'stray', catalogue: 'F17', at: WRITE },
  { fault: 'unreachable', catalogue: 'F5', at: /^gateway / },
  { fault: 'lost', catalogue: 'F4', at: /^gateway / },
  { fault: 'late', catalogue: 'F13', at: /^gateway / },
  { fault: 'twice', catalogue: 'F4', at: /^gateway / },
  { fault: 'unauthenticated', catalogue: 'F23', at: /^read review$/ },
  { fault: 'lost', catalogue: 'F22', at: /^upstream:/ },
  { fault: 'down', catalogue: 'F22', at: /^upstream:/ },
  { fault: 'refuse', catalogue: 'F22', at: /^upstream:/ },
  { fault: 'slow', catalogue: 'F22', at: /^upstream:/ },
  { fault: 'hang', catalogue: 'F22', at: /^upstream:/ },
  { fault: 'gone', catalogue: 'F22', at: /^upstream:delete$/ },
  { fault: 'kill', catalogue: 'F19', at: /^container:/ },
  { fault: 'exit 0', catalogue: 'F19', at: /^container:/ },
  { fault: 'exit 1', catalogue: 'F19', at: /^container:/ },
  { fault: 'hang', catalogue: 'F19', at: /^container:/ },
  { fault: 'late', catalogue: 'F19', at: /^container:/ },
  { fault: 'unfit payload', catalogue: 'F19', at: /^container:before-report$/ },
  { fault: 'again', catalogue: 'F19', at: /^container:after-report$/ },
  { fault: 'another payload', catalogue: 'F19', at: /^container:after-report$/ },
  { fault: 'another credential', catalogue: 'F19', at: /^container:after-report$/ },
  { fault: 'a failure', catalogue: 'F19', at: /^container:after-report$/ },
  { fault: 'behind', catalogue: 'F19', at: /^job:notice$/ },
  { fault: 'late', catalogue: 'F13', at: /^job:report$/ },
  { fault: 'twice', catalogue: 'F19', at: /^job:start$/ },
  { fault: 'never', catalogue: 'F19', at: /^job:start$/ },
  { fault: 'behind', catalogue: 'F19', at: /^deployment:notice$/ },
  { fault: 'late', catalogue: 'F19', at: /^deployment:start$/ },
  { fault: 'never', catalogue: 'F19', at: /^deployment:start$/ },
  { fault: 'unschedulable', catalogue: 'F19', at: /^pod:bind$/ },
  { fault: 'no image', catalogue: 'F19', at: /^pod:start$/ },
  { fault: 'cut off', catalogue: 'F19', at: /^pod:start$/ },
  ...Object.entries(DISTURBANCES).map(([fault, { catalogue }]) => ({ fault, catalogue, at: /^change$/ })),
]

/** What heals only after a long while. */
export const LONG: ReadonlySet<string> = new Set([
  'cut off',
  'provider is away for long',
  'quota is used up',
  'rights are taken away',
  'leader crashes, the next clock is behind',
])

/** Faults of the catalogue, or parts of them, that the present system has no place for. */
export const NO_PLACE: readonly { readonly id: string; readonly why: string }[] = [
  { id: 'F5 lease', why: 'leases and events are no places of a plan: no credential hangs on them' },
  { id: 'F13 coalesced', why: 'a watch tells of every change; only a relist skips some, which F7 brings about' },
  {
    id: 'F18 DST',
    why: 'only windows are reckoned in local time: test/unit/custom-credential/creation/rotation.test.ts has its days',
  },
  {
    id: 'F20 status',
    why: 'an admission policy keeps the status, tasks and our labels from everybody but the operator',
  },
  { id: 'F20 custody', why: 'people have no rights in the custody namespace' },
  { id: 'F22 partial', why: 'an upstream call is one effect here: it has happened (lost) or has not (down)' },
  { id: 'F22 false word', why: 'a provider that reports a failure says that nothing exists: nobody knows better' },
  { id: 'F22 late effect', why: 'a container that has ended has no call under way that could still take effect' },
  {
    id: 'F23 second store',
    why: 'there is no Secrets Manager yet; its task API is the gateway, whose 401 is among the faults',
  },
  { id: 'F24 queue', why: 'worlds are too small for a long queue; a stale API server makes everything late as well' },
]

/** What can go wrong at a place. */
export const faultsAt = (place: string): readonly string[] =>
  FAULTS.filter(({ at }) => at.test(place)).map(({ fault }) => fault)
