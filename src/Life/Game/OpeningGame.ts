/**
 * The start of a game: makes its cells and opens their connections. As many are opened at the same time as the backlog of
 * a server takes.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Grid from "../Universe/Grid.ts"
import type * as Rule from "../Universe/Rule.ts"
import * as Topology from "../Universe/Topology.ts"
import { Cell } from "./Cell.ts"

/** Connections that are being opened at once: far below any backlog, so that no SYN is lost. */
const CONCURRENCY = 128

/** Milliseconds of connections that may be made up for at once. */
const SLACK = 20

/** Milliseconds in which a relay must send the kept states of a cell. */
const KEPT_TIMEOUT = 1000

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
 * Waits for the time of each: `interval` milliseconds after the one before. Timers are late by a little, which is made up
 * for; what is lost beyond `SLACK` is not.
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
 * Connects all cells, at most `rate` a second; fails with the first that fails. Not a `Stream`: its `mapEffect` cost 540 us of
 * CPU for each cell, more than all else in the opening of 10,000 cells.
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

/** Has cells begin, to which the relay sent no more, until `all` have. */
export const beginAll = (begin: () => void, all: () => boolean): Effect.Effect<void> =>
  Effect.delay(Effect.sync(begin), KEPT_TIMEOUT).pipe(Effect.repeat({ until: all }), Effect.asVoid)
