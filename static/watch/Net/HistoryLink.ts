/** Reads the recording of the game from the server's path `history/`, as long as the viewer uses the time line. */
import type { RecordedBlock, RecordedGame } from "../../../src/Protocol/Recording.ts"
import { kind } from "../../../src/Protocol/Recording.ts"
import { BlockSplitter, RecordingReader } from "../../../src/Protocol/RecordingReader.ts"
import { Link } from "../../Link.ts"

type OnState = (index: number, step: number, state: number) => void

export interface HistoryHandlers {
  /** A recording begins. Returns the function that gets its states in order. */
  readonly onGame: (game: RecordedGame) => OnState
  /** All states of a message have been passed on. */
  readonly onNews: () => void
  /** The server keeps no history, or it can't be read. */
  readonly onAbsent: () => void
  readonly onDamage: (error: Error) => void
}

const unpack = async (body: Uint8Array): Promise<Uint8Array> => {
  const stream = new Blob([body as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream("deflate-raw"))
  return new Uint8Array(await new Response(stream).arrayBuffer())
}

/** Takes the bytes of one recording, in order. */
class Reading {
  readonly #handlers: HistoryHandlers
  readonly #splitter = new BlockSplitter()
  #reader: RecordingReader | undefined
  #onState: OnState = () => {}

  constructor(handlers: HistoryHandlers) {
    this.#handlers = handlers
  }

  async take(bytes: Uint8Array): Promise<void> {
    for (const block of this.#splitter.take(bytes))
      if (block.kind === kind.packed)
        for (const inner of new BlockSplitter().take(await unpack(block.body))) this.#read(inner)
      else this.#read(block)
    this.#handlers.onNews()
  }

  #read(block: RecordedBlock): void {
    if (this.#reader === undefined) {
      this.#reader = RecordingReader.of(block)
      this.#onState = this.#handlers.onGame(this.#reader.game)
    } else this.#reader.read(block, { state: this.#onState })
  }
}

export class HistoryLink {
  readonly #handlers: HistoryHandlers
  readonly #link: Link | undefined
  #reading: Reading | undefined

  /** `url` is that of the recording; `undefined` if the server keeps none. */
  constructor(url: string | undefined, handlers: HistoryHandlers) {
    this.#handlers = handlers
    if (url === undefined) return
    // The browser decompresses blocks asynchronously, so later blocks must wait.
    let before = Promise.resolve()
    this.#link = new Link({
      url,
      onMessage: (data) => {
        const reading = this.#reading
        if (typeof data === "string" || reading === undefined) return
        const read = async () => {
          if (this.#reading === reading) await reading.take(new Uint8Array(data))
        }
        before = before.then(read).catch((error: Error) => {
          if (this.#reading !== reading) return
          this.stop()
          handlers.onDamage(error)
        })
      },
      onState: ({ _tag }) => {
        // Each connection begins with the beginning of the recording.
        if (_tag === "Open") this.#reading = new Reading(handlers)
        if (_tag !== "Lost") return
        if (this.#reading === undefined) handlers.onAbsent()
        this.#reading = undefined
      }
    })
  }

  /** Reads from the beginning of the recording, and continues with the game. */
  start(): void {
    this.stop()
    if (this.#link === undefined) this.#handlers.onAbsent()
    else this.#link.start()
  }

  /** Stops reading. Data that has come but was not read yet is dropped. */
  stop(): void {
    this.#reading = undefined
    this.#link?.stop()
  }
}
