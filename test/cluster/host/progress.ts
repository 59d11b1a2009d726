import { styleText } from 'node:util'

/** Tells a person what is being done, and how long it has taken. */
export interface Progress {
  /** Runs `work` as one named step; a step that takes long says every now and then that it is still at it. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>
}

/** Says nothing: for callers that report in their own way. */
export const silent: Progress = { step: (_title, work) => work() }

const STILL_RUNNING_MS = 30_000

/** Writes one line at the end of each step, and one every 30 s of a long one. Steps may nest: the innermost speaks. */
export function progressTo(stream: NodeJS.WriteStream): Progress {
  const running: string[] = []
  const line = (mark: string, title: string, started: number): void => {
    stream.write(`${mark} ${title} ${styleText('dim', seconds(started), { stream })}\n`)
  }
  return {
    step: async (title, work) => {
      const started = performance.now()
      running.push(title)
      const timer = setInterval(() => {
        if (running.at(-1) === title) line('…', title, started)
      }, STILL_RUNNING_MS)
      try {
        const result = await work()
        line(styleText('green', '✓', { stream }), title, started)
        return result
      } catch (error) {
        line(styleText('red', '✗', { stream }), title, started)
        throw error
      } finally {
        clearInterval(timer)
        running.splice(running.indexOf(title), 1)
      }
    },
  }
}

const seconds = (started: number): string => `${((performance.now() - started) / 1000).toFixed(1)} s`
