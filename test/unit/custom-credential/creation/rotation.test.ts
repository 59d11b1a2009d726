import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { RotationWindow } from '../../../../src/api/generated.ts'
import { decide } from '../../../../src/custom-credential/decide.ts'
import { rotationDue, windowProblem } from '../../../../src/custom-credential/creation/rotation.ts'
import { aCredential, after, at, delivered } from '../../../support/builders.ts'
import { aSnapshot } from '../../../support/builders-snapshot.ts'

const made = { createdAt: at() }
const windowed = (window: RotationWindow, interval = '30d', more: object = {}) =>
  aCredential().spec({ rotation: { interval, window, ...more } })
const dueOf = (window: RotationWindow, now: string, interval?: string, version: object = {}): string =>
  new Date(rotationDue(windowed(window, interval).object, { ...made, ...version }, Date.parse(now))).toISOString()

describe('a version is replaced', () => {
  it('when its interval has passed since it was made', () => {
    expect(rotationDue(aCredential().rotating('12h').object, { createdAt: at('1d') }, after())).toBe(after('1d12h'))
  })
  it('never by itself without an interval', () => {
    expect(rotationDue(aCredential().object, made, after())).toBe(Infinity)
    expect(rotationDue(aCredential().spec({ rotation: { minOverlap: '1h' } }).object, made, after())).toBe(Infinity)
  })
})

describe('a version whose interval was raised since, together with its time to live', () => {
  const lasting = { createdAt: at(), expiresAt: at('30d') }
  const saturdays = { schedule: '0 2 * * 6', duration: '4h' }
  it.each<[string, string, object]>([
    ['is replaced before its own end', '60d', {}],
    ['is replaced before its own end, though windows are far apart', '60d', { window: saturdays }],
    ['is replaced before its own end, whatever the jitter', '30d', { jitter: '20d' }],
  ])('%s', (_, interval, more) => {
    const { object } = aCredential().spec({ ttl: '90d', rotation: { interval, ...more } })
    expect(rotationDue(object, lasting, after('1d'))).toBe(after('24d'))
  })

  it('is replaced as before where it would come in time', () => {
    const { object } = aCredential().rotating('28d').spec({ ttl: '30d' })
    expect(rotationDue(object, lasting, after('1d'))).toBe(after('28d'))
  })
})

describe('with a window from Saturday at 2 to 6 in Berlin', () => {
  const saturdays = { schedule: '0 2 * * 6', timeZone: 'Europe/Berlin', duration: '4h' }
  // Every version is made on Thursday, 2026-01-01, at 0:00 UTC.
  it.each<[string, string, string, string]>([
    ['waits for the window after its interval', '30d', '2026-01-31T00:00:00Z', '2026-01-31T01:00:00.000Z'],
    ['is planned for it from the beginning', '30d', '2026-01-01T00:00:00Z', '2026-01-31T01:00:00.000Z'],
    ['begins at once where its interval ends within one', '30d3h', '2026-01-31T03:00:00Z', '2026-01-31T03:00:00.000Z'],
    ['has until the end of the window to begin', '30d', '2026-01-31T04:59:59Z', '2026-01-31T01:00:00.000Z'],
    ['else waits for the next one, as after a failure', '30d', '2026-01-31T05:00:00Z', '2026-02-07T01:00:00.000Z'],
    [
      'missed by an operator that was away comes once, in the next one',
      '1d',
      '2026-03-02T12:00:00Z',
      '2026-03-07T01:00:00.000Z',
    ],
    ['follows the wall clock into summer', '90d', '2026-04-01T00:00:00Z', '2026-04-04T00:00:00.000Z'],
  ])('a rotation %s', (_, interval, now, due) => {
    expect(dueOf(saturdays, now, interval)).toBe(due)
  })

  it('a version that would end before the next window is rotated before', () => {
    const ending = { expiresAt: '2026-02-02T00:00:00Z' }
    expect(dueOf(saturdays, '2026-01-31T05:00:00Z', '30d', ending)).toBe('2026-01-31T00:00:00.000Z')
  })

  it('a rotation by request is not held up', () => {
    const asked = windowed(saturdays).having(delivered(1)).asking('now')
    const { release } = decide(aSnapshot().of(asked).showing(1).at(after('1h')).snapshot)
    expect(release).toMatchObject([{ kind: 'createTask', order: { spec: { trigger: 'manual_secret_rotation' } } }])
  })

  it('a credential sleeps until it opens', () => {
    const { snapshot } = aSnapshot()
      .of(windowed(saturdays).having(delivered(1)))
      .showing(1)
      .at(after('30d'))
    const { release, wakeAt, status } = decide(snapshot)
    expect(release).toEqual([])
    expect([wakeAt, status.nextRotationTime]).toEqual([Date.parse('2026-01-31T01:00:00Z'), '2026-01-31T01:00:00.000Z'])
  })
})

describe('where clocks are changed', () => {
  const nightly = { schedule: '30 2 * * *', timeZone: 'Europe/Berlin', duration: '1h' }
  it('a window in the hour that is left out opens all the same', () => {
    expect(dueOf(nightly, '2026-03-29T00:00:00Z', '1d')).toBe('2026-03-29T01:00:00.000Z')
  })
  it('a window in the hour that comes twice opens once', () => {
    expect(dueOf(nightly, '2026-10-25T00:00:00Z', '1d')).toBe('2026-10-25T00:30:00.000Z')
    expect(dueOf(nightly, '2026-10-25T01:30:00Z', '1d')).toBe('2026-10-26T01:30:00.000Z')
  })
})

it('whenever it is asked, a rotation is due within a window, and not before its interval has passed', () => {
  const duration = 3 * 3_600_000
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 * 24 }), fc.integer({ min: 1, max: 120 }), (hours, days) => {
      const now = after() + hours * 3_600_000
      const window = { schedule: '15 22 * * 1,4', timeZone: 'America/New_York', duration: '3h' }
      const due = rotationDue(windowed(window, `${days}d`).object, made, now)
      expect(due).toBeGreaterThanOrEqual(after(`${days}d`))
      // Within the window that opened at most so long before, as asking at its end tells.
      const start = rotationDue(windowed(window, '1m').object, made, due)
      expect(due - start).toBeGreaterThanOrEqual(0)
      expect(due - start).toBeLessThan(duration)
    }),
  )
})

describe('jitter', () => {
  const spread = (uid: string, more: object = {}) =>
    rotationDue(
      aCredential()
        .metadata({ uid })
        .spec({ rotation: { interval: '30d', jitter: '10h', ...more } }).object,
      made,
      after('30d'),
    )
  const uids = Array.from({ length: 1000 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`)

  it('is the same for a credential each time', () => {
    expect(spread('a')).toBe(spread('a'))
  })
  it('spreads a thousand that are due at the same moment over all of it, and no further', () => {
    const lateHours = uids.map((uid) => Math.floor((spread(uid) - after('30d')) / 3_600_000))
    const perHour = Array.from({ length: 10 }, (_, hour) => lateHours.filter((late) => late === hour).length)
    expect(perHour.reduce((sum, count) => sum + count)).toBe(1000)
    expect(Math.min(...perHour)).toBeGreaterThan(60)
  })
  it('spreads those that wait for a window over the first one that is open, all of them', () => {
    const window = { schedule: '0 2 * * *', duration: '2h' }
    const lateMs = uids.map((uid) => spread(uid, { window }) - Date.parse('2026-01-31T02:00:00Z'))
    expect(Math.min(...lateMs)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...lateMs)).toBeLessThan(0.9 * 2 * 3_600_000)
    expect(Math.max(...lateMs)).toBeGreaterThan(0.8 * 2 * 3_600_000)
  })
  it('lets no window go by', () => {
    const window = { schedule: '0 2 * * 6', duration: '4h' }
    const weekly = aCredential().spec({ rotation: { interval: '6d', jitter: '2h', window } }).object
    let last = Date.parse('2026-01-03T02:30:00Z')
    for (let nth = 0; nth < 10; nth++) {
      const due = rotationDue(weekly, { createdAt: new Date(last).toISOString() }, last)
      expect(due - last).toBeLessThan(8 * 24 * 3_600_000)
      last = due
    }
  })
})

describe('a window that cannot be used says what to do', () => {
  it.each<[string, Partial<RotationWindow>, string]>([
    ['with too few fields', { schedule: '0 2 * *' }, 'Use the five fields of cron'],
    ['with seconds', { schedule: '0 0 2 * * 6' }, 'Use the five fields of cron'],
    ['with a minute that does not exist', { schedule: '61 2 * * 6' }, 'Use the five fields of cron'],
    ['in a zone that nobody knows', { timeZone: 'Mars/Olympus' }, 'a name such as Europe/Berlin'],
    ['that never opens', { schedule: '0 0 30 2 *' }, 'never opens'],
  ])('%s', (_, more, text) => {
    const window = { schedule: '0 2 * * 6', duration: '4h', ...more }
    expect(windowProblem(window)).toContain(text)
    const first = decide(aSnapshot().of(windowed(window)).snapshot)
    expect(first.status.conditions).toMatchObject([
      { type: 'Ready', status: 'False', reason: 'WindowInvalid' },
      { type: 'Stalled', reason: 'WindowInvalid' },
    ])
    const later = decide(
      aSnapshot()
        .of(windowed(window).having(delivered(1)))
        .showing(1)
        .at(after('90d')).snapshot,
    )
    expect(later.status.conditions).toMatchObject([
      { type: 'Ready', status: 'True' },
      { type: 'Stalled', reason: 'WindowInvalid' },
    ])
    expect([...first.release, ...later.release].filter(({ kind }) => kind === 'createTask')).toEqual([])
  })
  it('and another is used', () => {
    expect(windowProblem({ schedule: '0 2 * * 6', duration: '4h' })).toBeUndefined()
  })
})
