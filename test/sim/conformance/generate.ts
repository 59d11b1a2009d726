import { seeded } from '../random.ts'
import { Draw, type Target } from './draw.ts'
import { KIND_NAMES, type KindName } from './kinds/index.ts'
import { OPERATIONS } from './operations.ts'
import type { Sequence } from './sequence.ts'

/** Steps that seem pointless (a patch of what is not there) are written so often, as they may not be. */
const POINTLESS = 0.08

/** The sequence of a seed: 4 to 12 steps on two names each of one or two kinds. */
export function sequenceOf(seed: number): Sequence {
  const random = seeded(seed)
  const first = KIND_NAMES[Math.floor(random() * KIND_NAMES.length)] as KindName
  const second = KIND_NAMES[Math.floor(random() * KIND_NAMES.length)] as KindName
  const draw = new Draw(random, random() < 0.5 ? [first] : [...new Set([first, second])])
  const length = draw.whole(4, 12)
  while (draw.steps.length < length) step(draw)
  return draw.steps
}

function step(draw: Draw): void {
  const known = draw.targets.filter(({ there }) => there)
  const target = draw.one(known.length > 0 && draw.chance(0.7) ? known : draw.targets) as Target
  const pointless = draw.chance(POINTLESS)
  const choice = draw.weighted(OPERATIONS.filter(({ when }) => pointless || when === undefined || when(target)))
  const call = choice?.write(draw, target)
  if (choice && call) draw.write(choice.operation, call, target)
}
