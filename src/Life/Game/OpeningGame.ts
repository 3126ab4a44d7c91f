/**
 * The start of a game: makes its cells and opens their connections, several at the same time.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Grid from "../Universe/Grid.ts"
import type * as Rule from "../Universe/Rule.ts"
import * as Topology from "../Universe/Topology.ts"
import { Cell } from "./Cell.ts"

/** Connections that are opened at the same time. This is far below the listen backlog of any server, so no SYN is dropped. */
const CONCURRENCY = 128

/** How far behind its schedule, in milliseconds, opening may be and still catch up. */
const SLACK = 20

/** Milliseconds that cells wait for their kept states from the relay. */
const KEPT_TIMEOUT = 1000

/** Makes a cell for each position of the grid, row by row, and gives it its neighbours. */
export const cells = (start: Grid.Grid, rule: Rule.Rule, topology: Topology.Topology): ReadonlyArray<Cell> => {
  const { width, height } = topology
  return Array.from(start.cells, (state, index) => {
    const row = Math.floor(index / width)
    const col = index % width
    const neighbours = Topology.neighbours(topology, rule.neighbourhood, row, col)
    return new Cell(row, col, state, rule, neighbours)
  }).slice(0, width * height)
}

/**
 * Makes each caller wait until `interval` milliseconds after the caller before. Timers fire a little late: up to `SLACK` of
 * delay is caught up, and more is not.
 */
const takeTurns = (interval: number) => {
  let due: number | undefined
  return () =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      due = due === undefined ? now : Math.max(due + interval, now - SLACK)
      return due <= now ? Effect.void : Effect.sleep(due - now)
    })
}

/**
 * Connects all cells, at most `rate` per second. Fails with the first failure. This is no `Stream` because `mapEffect` took
 * 540 us of CPU for each cell, more than all the rest of opening 10,000 cells.
 */
export const open = <E, R>(
  cells: Iterable<Cell>,
  connect: (cell: Cell) => Effect.Effect<void, E, R>,
  rate: number
): Effect.Effect<void, E, R> => {
  const turn = takeTurns(1000 / rate)
  const paced = rate === Number.POSITIVE_INFINITY ? connect : (cell: Cell) => Effect.zipRight(turn(), connect(cell))
  return Effect.forEach(cells, paced, { concurrency: CONCURRENCY, discard: true })
}

/** Calls `begin` each time the cells have waited `KEPT_TIMEOUT`, until `all` cells have started. */
export const beginAll = (begin: () => void, all: () => boolean): Effect.Effect<void> =>
  Effect.delay(Effect.sync(begin), KEPT_TIMEOUT).pipe(Effect.repeat({ until: all }), Effect.asVoid)
