import { describe, expect, it } from 'vitest'
import type { Fact } from '../../../sim/observe/facts.ts'
import { Timeline } from '../../../sim/real/timeline.ts'

const named = (text: string): Fact => ({ kind: 'text', by: 'somebody', text })
const change = (revision: number) => ({ revision, fact: () => named(`change ${revision}`) })

/** A timeline from revision 10 on, whose store answers when the test says so. */
function aTimeline() {
  const told: string[] = []
  const asked: ((revision: number) => void)[] = []
  const timeline = new Timeline(10, {
    revision: () => new Promise((resolve) => asked.push(resolve)),
    tell: (fact) => told.push((fact as { text: string }).text),
  })
  const arrive = (...revisions: number[]) => {
    timeline.take(revisions.map(change), revisions.at(-1) ?? 0)
  }
  const answer = (revision: number) => {
    asked.shift()?.(revision)
  }
  return { timeline, told, arrive, answer }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('what is seen at several places', () => {
  it('is told as it comes where there is only one place', () => {
    const { told, arrive } = aTimeline()
    arrive(11, 12)
    arrive(13)
    expect(told).toEqual(['change 11', 'change 12', 'change 13'])
  })

  it('is told after all changes that there were when it was seen, though they arrive later', async () => {
    const { timeline, told, arrive, answer } = aTimeline()
    void timeline.tell(named('seen'))
    answer(12)
    await settled()
    arrive(11)
    expect(told).toEqual(['change 11'])
    arrive(12, 13)
    expect(told).toEqual(['change 11', 'change 12', 'seen', 'change 13'])
  })

  it('is told before changes that came after it, though they arrive first', async () => {
    const { timeline, told, arrive, answer } = aTimeline()
    arrive(11)
    void timeline.tell(named('seen'))
    arrive(12)
    expect(told).toEqual(['change 11'])
    answer(11)
    await settled()
    expect(told).toEqual(['change 11', 'seen', 'change 12'])
  })

  it('keeps the order of its own: what is told once the first has its place comes after it', async () => {
    const { timeline, told, arrive, answer } = aTimeline()
    const first = timeline.tell(named('first'))
    answer(11)
    await first
    void timeline.tell(named('second'))
    answer(11)
    await settled()
    arrive(11)
    expect(told).toEqual(['change 11', 'first', 'second'])
  })

  it('waits for those who may know more of a change, and for no change before', () => {
    const { timeline, told, arrive } = aTimeline()
    arrive(11)
    const release = timeline.hold()
    arrive(12)
    const releaseLater = timeline.hold()
    arrive(13)
    expect(told).toEqual(['change 11'])
    release()
    expect(told).toEqual(['change 11', 'change 12'])
    releaseLater()
    expect(told).toEqual(['change 11', 'change 12', 'change 13'])
  })
})
