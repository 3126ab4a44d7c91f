/**
 * What a watcher is told, message by message: as lines, and what of it no real server says. `RealMessages.test.ts` compares a real
 * server's lines with those of `TestServer`. `Harness.ts` holds `TestServer` to the order and the shapes after each test.
 */
import { decode } from "../../src/Protocol/WatchDecoder.ts"
import type { BitsBlock, Block, CellsBlock, GameBlock, StatusBlock } from "../../src/Protocol/WatchProtocol.ts"
import { NO_STEP } from "../../src/Protocol/WatchProtocol.ts"
import { parseListened } from "../../src/Protocol/WatchRequest.ts"

/** The blocks of a message: the first one tells the server and the game, and so does the first one of each new game. */
const shapes = /^(Server Game (Cells )?Status|(Cells|Bits)( Status)?|Status)$/

/** A game goes through these, and never back to an earlier rank. */
const ranks = { idle: 0, connecting: 0, subscribing: 1, running: 2, ended: 2 } as const

/** Figures that only grow while a game lasts. */
const growing = ["time", "messages", "deliveries", "births", "deaths", "least", "greatest"] as const

const stateLine = (cell: number, step: number, state: number): string => `cell ${cell} is ${state} at step ${step}`

export class Transcript {
  readonly #problems: Set<string>
  readonly #lines: Array<string> | undefined
  #server: number | undefined
  #game: GameBlock | undefined
  #status: StatusBlock | undefined
  #steps = new Int32Array(0)
  /** The step of the last message that had all cells at one step. */
  #generation = NO_STEP

  /** Adds what no real server says to `problems`, and what was said to `lines`. */
  constructor(problems: Set<string>, lines?: Array<string>) {
    this.#problems = problems
    this.#lines = lines
  }

  take(message: string | Uint8Array): void {
    if (typeof message === "string") return this.#takeText(message)
    const blocks = decode(Uint8Array.from(message))
    if (blocks === undefined) return this.#fail("a message that can't be decoded")
    const shape = blocks.map(({ _tag }) => _tag).join(" ")
    if (!shapes.test(shape)) this.#fail(`a message of the blocks ${shape}`)
    for (const block of blocks) this.#takeBlock(block)
  }

  #fail(problem: string): void {
    this.#problems.add(problem)
  }

  /** What a client publishes and gets, after it was told which client it is. */
  #takeText(text: string): void {
    if (parseListened(text) === undefined && !/^\d+ \d+ \d+ \d+$/.test(text)) this.#fail(`the text ${text}`)
    this.#lines?.push(text)
  }

  #takeBlock(block: Block): void {
    if (block._tag === "Server") {
      if (block.server !== (this.#server ?? block.server)) this.#fail("another server on the same connection")
      this.#server = block.server
    } else if (block._tag === "Game") this.#takeGame(block)
    else if (this.#game === undefined) this.#fail(`${block._tag} before the first game`)
    else if (block._tag === "Status") this.#takeStatus(block, this.#game)
    else if (block._tag === "Cells") this.#takeCells(block, this.#game)
    else this.#takeBits(block)
  }

  #takeGame(game: GameBlock): void {
    if (this.#game !== undefined && game.game <= this.#game.game) this.#fail("a game with the number of an earlier one")
    this.#game = game
    this.#status = undefined
    this.#steps = new Int32Array(game.width * game.height).fill(NO_STEP)
    this.#generation = NO_STEP
    this.#lines?.push(`game of ${game.width} x ${game.height} "${game.topology}", ${game.stateCount} states`)
  }

  #takeStatus(status: StatusBlock, game: GameBlock): void {
    const before = this.#status
    this.#status = status
    if (status.game !== game.game) this.#fail("figures of another game")
    if (status.watchers < 1) this.#fail("no watcher, told to a watcher")
    if (status.population > game.width * game.height) this.#fail("more living cells than cells")
    if (before !== undefined) {
      if (ranks[status.phase] < ranks[before.phase]) this.#fail(`${status.phase} after ${before.phase}`)
      for (const figure of growing)
        if (status[figure] < before[figure]) this.#fail(`${figure} falls from ${before[figure]} to ${status[figure]}`)
    }
    if (this.#lines === undefined) return
    const { births, broken, connected, deaths, deliveries, greatest, least, messages, phase, population, subscribed } =
      status
    const line =
      `${phase}: ${connected} connected, ${subscribed} subscribed, ${broken} broken; steps ${least} to ${greatest}, ` +
      `${population} alive (${births} born, ${deaths} died); ${messages} messages, ${deliveries} deliveries`
    // Figures come at least every five seconds, and with another time that it took.
    if (this.#lines.at(-1) !== line) this.#lines.push(line)
  }

  #takeCells({ base, indices, values }: CellsBlock, { stateCount }: GameBlock): void {
    const stepAt = (at: number) => base + Math.floor((values[at]! - 1) / stateCount)
    const generation = stepAt(0)
    // A watcher that begins to ask for whole generations may know later steps of some cells than the newest whole one.
    const isWhole = indices === undefined && values.every((value, at) => value !== 0 && stepAt(at) === generation)
    if (isWhole) {
      if (generation < this.#generation) this.#fail("a generation before the last one")
      this.#generation = generation
    }
    for (let at = 0; at < values.length; at++) {
      if (values[at] === 0) continue
      const cell = indices?.[at] ?? at
      const before = this.#steps[cell]
      if (before === undefined) return this.#fail(`the cell ${cell} outside of the grid`)
      const step = stepAt(at)
      if (step < before && !isWhole) this.#fail("a cell at an earlier step than before")
      this.#steps[cell] = step
      if (step > before) this.#lines?.push(stateLine(cell, step, (values[at]! - 1) % stateCount))
    }
  }

  #takeBits({ base, bitmaps }: BitsBlock): void {
    if (this.#steps.some((step) => step !== base)) this.#fail("bits for a watcher that does not know their step")
    this.#generation = base + bitmaps.length
    for (const [at, bitmap] of bitmaps.entries())
      this.#steps.forEach((_, cell) => {
        this.#steps[cell] = base + at + 1
        this.#lines?.push(stateLine(cell, base + at + 1, (bitmap[cell >> 3]! >> (cell & 7)) & 1))
      })
  }
}
