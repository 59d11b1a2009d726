import { styleText } from 'node:util'

type Colour = Parameters<typeof styleText>[0]

/** Tells what happens, one line for each event, with the seconds since the demo began. */
export class Narrator {
  readonly #stream: NodeJS.WritableStream
  readonly #started = performance.now()

  constructor(stream: NodeJS.WritableStream) {
    this.#stream = stream
  }

  /** A new part of the story. */
  chapter(title: string): void {
    this.#write(`\n${this.#styled('bold', title)}\n`)
  }

  event(text: string, colour: Colour = 'reset'): void {
    const at = ((performance.now() - this.#started) / 1000).toFixed(1).padStart(6)
    this.#write(`${this.#styled('dim', at)}  ${this.#styled(colour, text)}\n`)
  }

  /** Text as it stands in a file or on a terminal. */
  quote(text: string): void {
    this.#write(text.trimEnd().replaceAll(/^/gm, `        ${this.#styled('dim', '│')} `) + '\n')
  }

  /** What a person would type. */
  command(text: string): void {
    this.#write(`        ${this.#styled('cyan', `$ ${text}`)}\n`)
  }

  text(text: string): void {
    this.#write(text)
  }

  #styled(colour: Colour, text: string): string {
    return styleText(colour, text, { stream: this.#stream })
  }

  #write(text: string): void {
    this.#stream.write(text)
  }
}
