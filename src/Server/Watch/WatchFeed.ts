/**
 * Decides what each watcher is sent and when.
 *
 * A watcher is a cursor: the game and the turn that it knows, never a queue. News is encoded once a turn for all
 * watchers at the same cursor; one that fell behind, or paused, is sent the newest state of whatever changed meanwhile.
 * So memory does not depend on how slow a watcher is, or for how long.
 */
import {
  concat,
  encodeCells,
  encodeGame,
  encodeGeneration,
  encodeServer,
  encodeStatus
} from "../../Protocol/WatchEncoder.ts"
import { noStep } from "../../Protocol/WatchProtocol.ts"
import type { WatchRequest } from "../../Protocol/WatchRequest.ts"
import type { WatchState } from "./WatchState.ts"

/** Milliseconds between turns, at least: a little less than a frame, so that a page finds news at every frame. */
export const turnInterval = 15

/** Milliseconds between figures, at least, unless the phase or the game changes. */
const statusInterval = 100

/** Milliseconds after which figures are sent although nothing changed, so that a page knows a silent line is dead. */
const heartbeat = 5_000

/** Catching up costs a scan of the grid: beyond this many different cursors in a turn, the rest share a snapshot. */
const maxScans = 4

/** One watcher's place in the feed. */
export class WatchCursor {
  /** The game that the watcher knows; 0 before it was told of any. */
  game = 0
  /** The turn up to which it knows that game's cells. */
  turn = 0
  /** The figures that it knows. */
  status = 0
  /** The step of the newest whole generation that it was sent; undefined while it is sent the newest of every cell. */
  generation: number | undefined
  #interval = 0
  #paused = false
  #slot = -1

  /** What the page behind this cursor asked for. */
  receive(request: WatchRequest): void {
    switch (request._tag) {
      case "Pause":
        this.#paused = true
        break
      case "Resume":
        this.#paused = false
        this.#slot = -1
        break
      case "Pace":
        this.#interval = request.interval
        this.#slot = -1
        break
      case "Whole":
        this.generation ??= noStep
        this.#slot = -1
        break
      case "Newest":
        if (this.generation === undefined) break
        this.generation = undefined
        // What it was sent since is older than what it knew before.
        this.turn = 0
        this.#slot = -1
    }
  }

  /** Whether its turn has come. Watchers of one pace are due at the same times, so that they share their messages. */
  isDue(now: number): boolean {
    if (this.#paused) return false
    if (this.#interval === 0) return true
    const slot = Math.floor(now / this.#interval)
    if (slot === this.#slot) return false
    this.#slot = slot
    return true
  }
}

export class WatchFeed {
  readonly #state: WatchState
  readonly #cursors = new Set<WatchCursor>()
  /** Messages of this turn by the cursor that they start from. */
  readonly #messages = new Map<string, Uint8Array>()
  #scratch = new Uint32Array(0)
  #scans = 0
  #turnedAt = Number.NEGATIVE_INFINITY
  #status: Uint8Array = new Uint8Array(0)
  #statusNumber = 0
  #statusAt = Number.NEGATIVE_INFINITY
  #figures = ""
  /** The newest whole generation, encoded, and whose it is. */
  #generation: { readonly game: number; readonly step: number; readonly block: Uint8Array } | undefined

  constructor(state: WatchState) {
    this.#state = state
  }

  get watchers(): number {
    return this.#cursors.size
  }

  join(): WatchCursor {
    const cursor = new WatchCursor()
    this.#cursors.add(cursor)
    return cursor
  }

  leave(cursor: WatchCursor): void {
    this.#cursors.delete(cursor)
    if (this.#cursors.size > 0) return
    this.#messages.clear()
    this.#generation = undefined
  }

  /**
   * Ends the turn when it is time (`now` in milliseconds of a monotonic clock). Call it at every chunk or on a timer of
   * about {@link turnInterval}; after `true`, call `next` for every watcher.
   */
  turn(now: number): boolean {
    if (this.#cursors.size === 0 || now - this.#turnedAt < turnInterval) return false
    this.#turnedAt = now
    this.#messages.clear()
    this.#scans = 0
    if (this.#state.isDirty) this.#state.seal()
    this.#refreshStatus(now)
    return true
  }

  /**
   * The message that brings this watcher up to date, or nothing: when it knows all, is not due, or is not `writable`
   * (more is queued for it than should be; it loses nothing by waiting). Watchers share the bytes: do not change them.
   */
  next(cursor: WatchCursor, now: number, writable: boolean): Uint8Array | undefined {
    if (!writable || this.#knowsAll(cursor) || !cursor.isDue(now)) return undefined
    const message = this.#messageFor(cursor)
    if (cursor.generation !== undefined)
      cursor.generation =
        this.#generationAfter(cursor)?.step ?? (cursor.game === this.#state.game ? cursor.generation : noStep)
    cursor.game = this.#state.game
    cursor.turn = this.#state.turn - 1
    cursor.status = this.#statusNumber
    return message
  }

  #knowsAll(cursor: WatchCursor): boolean {
    const { game, turn } = this.#state
    if (cursor.game !== game || cursor.status !== this.#statusNumber) return false
    return cursor.generation === undefined ? cursor.turn === turn - 1 : this.#generationAfter(cursor) === undefined
  }

  /** A whole generation that this watcher was not sent, if there is one. */
  #generationAfter(cursor: WatchCursor) {
    const { game, generations, since, steps } = this.#state
    const step = generations.newest(steps)
    const known = cursor.game === game ? (cursor.generation ?? noStep) : noStep
    if (step <= known) return undefined
    if (this.#generation?.game !== game || this.#generation.step !== step) {
      const whole = generations.generation(steps, since)
      if (whole === undefined) return undefined
      this.#generation = { game, step, block: encodeGeneration(step, whole.states, whole.ages) }
    }
    return this.#generation
  }

  #wholeMessageFor(cursor: WatchCursor): Uint8Array {
    const known = cursor.game === this.#state.game
    const generation = this.#generationAfter(cursor)
    const key = `whole ${known} ${generation?.step} ${cursor.status === this.#statusNumber}`
    const ready = this.#messages.get(key)
    if (ready !== undefined) return ready
    const blocks = known ? [] : this.#gameBlocks()
    if (generation !== undefined) blocks.push(generation.block)
    if (cursor.status !== this.#statusNumber || blocks.length === 0) blocks.push(this.#status)
    const message = concat(blocks)
    this.#messages.set(key, message)
    return message
  }

  #gameBlocks(): Array<Uint8Array> {
    return [encodeServer(this.#state.server), encodeGame(this.#state)]
  }

  #messageFor(cursor: WatchCursor): Uint8Array {
    if (cursor.generation !== undefined) return this.#wholeMessageFor(cursor)
    const state = this.#state
    const known = cursor.game === state.game
    let after = known ? cursor.turn : 0
    let key = `${known} ${after} ${cursor.status === this.#statusNumber}`
    if (known && after < state.turn - 2 && !this.#messages.has(key) && ++this.#scans > maxScans) {
      after = 0
      key = "catch up"
    }
    const ready = this.#messages.get(key)
    if (ready !== undefined) return ready
    const blocks = known ? [] : this.#gameBlocks()
    if (after < state.turn - 1) {
      const cells = this.#encodeAfter(after)
      if (cells !== undefined) blocks.push(cells)
    }
    if (cursor.status !== this.#statusNumber || key === "catch up" || blocks.length === 0) blocks.push(this.#status)
    const message = concat(blocks)
    this.#messages.set(key, message)
    return message
  }

  #encodeAfter(turn: number): Uint8Array | undefined {
    const state = this.#state
    if (this.#scratch.length !== state.steps.length) this.#scratch = new Uint32Array(state.steps.length)
    return encodeCells(state, this.#scratch, state.changedAfter(turn, this.#scratch))
  }

  #refreshStatus(now: number): void {
    const state = this.#state
    const urgent = `${state.game} ${state.phase}`
    const figures = `${urgent} ${state.connected} ${state.subscribed} ${state.broken} ${state.messages} ${state.deliveries} ${this.watchers}`
    const elapsed = now - this.#statusAt
    const changed = figures !== this.#figures && (elapsed >= statusInterval || !this.#figures.startsWith(`${urgent} `))
    if (!changed && elapsed < heartbeat) return
    this.#figures = figures
    this.#statusAt = now
    this.#statusNumber++
    this.#status = encodeStatus({
      phase: state.phase,
      game: state.game,
      connected: state.connected,
      subscribed: state.subscribed,
      broken: state.broken,
      watchers: this.watchers,
      population: state.population,
      latency: state.latency,
      messages: state.messages,
      deliveries: state.deliveries,
      births: state.births,
      deaths: state.deaths,
      time: now
    })
  }
}
