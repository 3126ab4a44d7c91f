/** The start of a game: makes its cells and opens their connections, several at the same time. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Grid from "../Universe/Grid.ts"
import type * as Rule from "../Universe/Rule.ts"
import * as Topology from "../Universe/Topology.ts"
import { Cell } from "./Cell.ts"
import type { Block } from "./NodePlacement.ts"

/** Connections that are opened at the same time. This is far below the listen backlog of any server, so no SYN is dropped. */
const CONCURRENCY = 128

/** How far behind its schedule, in milliseconds, opening may be and still catch up. */
const SLACK = 20

/** Milliseconds that cells wait for their kept states from the relay. */
const KEPT_TIMEOUT = 1000

/** Makes the cells of a block, each when it is asked for: the first connection does not wait for the last cell. */
export function* cells(
  start: Grid.Grid,
  rule: Rule.Rule,
  topology: Topology.Topology,
  lastStep: number,
  block: Block
): Generator<Cell> {
  const { width } = topology
  for (let row = block.row; row < block.row + block.height; row++)
    for (let col = block.col; col < block.col + block.width; col++) {
      const neighbours = Topology.neighbours(topology, rule.neighbourhood, row, col)
      yield new Cell(row, col, start.cells[row * width + col]!, rule, neighbours, lastStep)
    }
}

/** Begins to connect a cell. `done` is called once: with why, if that failed. Returns a function that gives up. */
export type Connect<E> = (cell: Cell, done: (error?: E) => void) => () => void

export const connected = <E>(connect: Connect<E>, cell: Cell): Effect.Effect<void, E> =>
  Effect.async<void, E>((resume) => {
    const giveUp = connect(cell, (error) => resume(error === undefined ? Effect.void : Effect.fail(error)))
    return Effect.sync(giveUp)
  })

/** Connects all cells, as many at the same time as `CONCURRENCY` says, without a fiber for each. */
class ConnectQueue<E> {
  readonly #cells: Iterator<Cell>
  readonly #connect: Connect<E>
  readonly #ended: (error?: E) => void
  /** How to give up those that are being connected. */
  readonly #connecting = new Map<Cell, () => void>()
  #isOver = false
  #isAdding = false

  constructor(cells: Iterable<Cell>, connect: Connect<E>, ended: (error?: E) => void) {
    this.#cells = cells[Symbol.iterator]()
    this.#connect = connect
    this.#ended = ended
    this.#add()
  }

  giveUp(): void {
    this.#isOver = true
    for (const giveUp of this.#connecting.values()) giveUp()
    this.#connecting.clear()
  }

  #add(): void {
    // A cell may be connected, or fail, within the call.
    if (this.#isAdding) return
    this.#isAdding = true
    while (!this.#isOver && this.#connecting.size < CONCURRENCY) {
      const next = this.#cells.next()
      if (next.done === true) break
      const cell = next.value
      this.#connecting.set(cell, ignore)
      const giveUp = this.#connect(cell, (error) => this.#done(cell, error))
      if (this.#connecting.has(cell)) this.#connecting.set(cell, giveUp)
    }
    this.#isAdding = false
    if (this.#isOver || this.#connecting.size > 0) return
    this.#isOver = true
    this.#ended()
  }

  #done(cell: Cell, error: E | undefined): void {
    this.#connecting.delete(cell)
    if (error === undefined) return this.#add()
    this.giveUp()
    this.#ended(error)
  }
}

const ignore = (): void => {}

/** Lets a caller go on `interval` ms after the one before. Up to `SLACK` of a timer's delay is caught up. */
const takeTurns = (interval: number) => {
  let due: number | undefined
  return () =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      due = due === undefined ? now : Math.max(due + interval, now - SLACK)
      return due <= now ? Effect.void : Effect.sleep(due - now)
    })
}

/** Connects all cells, at most `rate` a second. Without a rate they have no fiber each, which took 20 us of CPU. */
export const open = <E>(cells: Iterable<Cell>, connect: Connect<E>, rate: number): Effect.Effect<void, E> => {
  if (rate === Number.POSITIVE_INFINITY)
    return Effect.async<void, E>((resume) => {
      const ended = (error?: E) => resume(error === undefined ? Effect.void : Effect.fail(error))
      const opening = new ConnectQueue(cells, connect, ended)
      return Effect.sync(() => opening.giveUp())
    })
  const turn = takeTurns(1000 / rate)
  const inTurn = (cell: Cell) => Effect.zipRight(turn(), connected(connect, cell))
  return Effect.forEach(cells, inTurn, { concurrency: CONCURRENCY, discard: true })
}

/** Calls `begin` each time the cells have waited `KEPT_TIMEOUT`, until `all` cells have started. */
export const beginAll = (begin: () => void, all: () => boolean): Effect.Effect<void> =>
  Effect.delay(Effect.sync(begin), KEPT_TIMEOUT).pipe(Effect.repeat({ until: all }), Effect.asVoid)
