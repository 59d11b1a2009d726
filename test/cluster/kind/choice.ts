import { run } from '../host/command.ts'
import { kindSources } from '../host/binaries.ts'
import type { Progress } from '../host/progress.ts'
import { runningEngine, type Engine } from './engine.ts'
import { ensureImage } from './images.ts'
import { kindNodeImage } from './images/kind-node.ts'
import { installPackages, requireDebianRoot } from './packages.ts'
import { startPrivateEngine } from './private-engine.ts'

export interface Choice {
  engine: Engine
  /** The node image made on this machine; `undefined` for kind's stock one. */
  nodeImage: string | undefined
}

/** The machine's Docker engine with kind's stock node image, if that is to be had; else an engine and an image of our own. */
export async function chooseEngine(folder: string, apiPort: number, progress: Progress): Promise<Choice> {
  const running = await runningEngine()
  if (running !== undefined) {
    const image = await stockNodeImage()
    const available = await progress.step(`Looking for kind's node image ${image.split('@')[0] ?? image}`, () =>
      running.hasOrPulls(image),
    )
    if (available) return { engine: running, nodeImage: undefined }
  }
  requireDebianRoot(
    running === undefined ? 'no Docker engine answers' : 'its Docker engine cannot pull kind’s node image',
  )
  await installPackages(progress)
  const recipe = await kindNodeImage(progress)
  const engine = await progress.step('Starting a Docker engine in namespaces of its own', () =>
    startPrivateEngine(folder, apiPort, progress),
  )
  await ensureImage(recipe, engine, progress)
  return { engine, nodeImage: recipe.ref }
}

/** The image, by digest, that this version of kind uses unless told otherwise. */
async function stockNodeImage(): Promise<string> {
  const source = await run('cat', [`${await kindSources()}/pkg/apis/config/defaults/image.go`])
  const image = /"(kindest\/node:[^"]+)"/.exec(source)?.[1]
  if (image === undefined) throw new Error('kind names no default node image where it used to')
  return image
}
