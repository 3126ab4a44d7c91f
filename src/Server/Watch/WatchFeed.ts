/**
 * Decides what each watcher is sent and when.
 *
 * A watcher is a cursor, which has the game and the turn that the watcher knows, and never a queue. Changes are encoded
 * once a turn for all watchers at the same cursor. A watcher that fell behind, or paused, gets the newest states of the
 * cells that changed meanwhile. So the memory that it needs does not depend on how slow it is, or for how long.
 */
import { concat } from "../../Protocol/Bytes.ts"
import { RisingOrder } from "../../Protocol/CellGaps.ts"
import type { CellList } from "../../Protocol/WatchEncoder.ts"
import {
  encodeBits,
  encodeCells,
  encodeGame,
  encodeGeneration,
  encodeServer,
  encodeStatus
} from "../../Protocol/WatchEncoder.ts"
import { NO_STEP } from "../../Protocol/WatchProtocol.ts"
import { prepare } from "../../WebSocket/Frames/Prepare.ts"
import type { PreparedMessage } from "../../WebSocket/Frames/PreparedMessage.ts"
import { WatchCursor } from "./WatchCursor.ts"
import type { WatchState } from "./WatchState.ts"

/** Everything on which a watcher's next message depends. */
interface Known {
  readonly game: boolean
  readonly figures: boolean
  /** Which cells it knows: all up to a turn, the whole generations up to a step, or none. */
  readonly cells: "turn" | "step" | "none"
  readonly upTo: number
  /** How it reads lists of cells. */
  readonly list?: CellList
  readonly readsBits?: boolean
}

const areSame = (a: Known, b: Known): boolean =>
  a.game === b.game &&
  a.figures === b.figures &&
  a.cells === b.cells &&
  a.upTo === b.upTo &&
  a.list === b.list &&
  a.readsBits === b.readsBits

type News = PreparedMessage<Uint8Array>

/** The least milliseconds between two updates of the figures, unless the phase or the game changes. */
const INTERVAL = 100

/** Milliseconds after which figures are sent even if nothing changed, so that a page notices a dead connection. */
const HEARTBEAT = 5_000

/** The figures whose change leads to an update. The others change with these, or only with time. */
type Shown = Pick<WatchState, "game" | "phase" | "connected" | "subscribed" | "broken" | "messages" | "deliveries"> & {
  readonly watchers: number
}

/** The figures of a game as watchers get them, numbered, so that a watcher's cursor says which of them it knows. */
class WatchFigures {
  number = 0
  block: Uint8Array = new Uint8Array(0)
  #shown: Shown | undefined
  #encodedAt = Number.NEGATIVE_INFINITY

  /** Encodes the figures again if that is due at `now`, in milliseconds of a monotonic clock. */
  refresh(state: WatchState, watchers: number, now: number): void {
    if (!this.#isDue(state, watchers, now - this.#encodedAt)) return
    const { broken, connected, deliveries, game, messages, phase, subscribed } = state
    this.#shown = { broken, connected, deliveries, game, messages, phase, subscribed, watchers }
    this.#encodedAt = now
    this.number++
    const { births, deaths, latency, memory, memoryBefore, population, range } = state
    const figures = { population, latency, births, deaths, memory, memoryBefore, ...range }
    this.block = encodeStatus({ ...this.#shown, ...figures, time: now })
  }

  #isDue(state: WatchState, watchers: number, elapsed: number): boolean {
    const shown = this.#shown
    if (shown === undefined || elapsed >= HEARTBEAT) return true
    if (state.game !== shown.game || state.phase !== shown.phase) return true
    if (elapsed < INTERVAL) return false
    return (
      state.connected !== shown.connected ||
      state.subscribed !== shown.subscribed ||
      state.broken !== shown.broken ||
      state.messages !== shown.messages ||
      state.deliveries !== shown.deliveries ||
      watchers !== shown.watchers
    )
  }
}

/** The least milliseconds between two turns: a little less than a frame, so that a page has changes at every frame. */
export const TURN_INTERVAL = 15

/** A timer may fire this many milliseconds early. Without them the next turn would be a whole interval later. */
const EARLY = 1

/** A whole generation may end a turn this many milliseconds early, so that one that came late does not delay the next ones. */
const EARLY_WHOLE = 8

/** A watcher that catches up costs a scan of the grid. In a turn, other cursors beyond this number share a snapshot. */
const MAX_SCANS = 4

/** An encoded whole generation, with its game and step. */
interface EncodedGeneration {
  readonly game: number
  readonly step: number
  readonly block: Uint8Array
}

export class WatchFeed {
  readonly #state: WatchState
  readonly #cursors = new Set<WatchCursor>()
  /** The messages of this turn. A list, because a turn has only a handful of different ones. */
  #messages: Array<{ readonly known: Known; readonly message: News }> = []
  readonly #figures = new WatchFigures()
  readonly #order = new RisingOrder()
  #scratch = new Uint32Array(0)
  #scans = 0
  /** When the next turn ends, in milliseconds. */
  #dueAt = Number.NEGATIVE_INFINITY
  /** The newest whole generation. */
  #generation: EncodedGeneration | undefined

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
    this.#messages = []
    this.#generation = undefined
  }

  /**
   * Ends the turn if it is time (`now` in milliseconds of a monotonic clock). Must be called at every chunk, or on a
   * timer of about {@link TURN_INTERVAL}. If it returns `true`, `next` must be called for every watcher. `isWhole`: a whole
   * generation has just come, and nothing more is to be expected with it.
   */
  turn(now: number, isWhole = false): boolean {
    if (this.#cursors.size === 0 || now < this.#dueAt - (isWhole ? EARLY_WHOLE : 0)) return false
    this.#messages = []
    this.#scans = 0
    // A turn without changes does not make the next one wait.
    if (this.#state.isDirty) {
      this.#dueAt = Math.max(now, this.#dueAt) + TURN_INTERVAL - EARLY
      this.#state.seal()
    }
    this.#figures.refresh(this.#state, this.watchers, now)
    return true
  }

  /**
   * The message that brings a watcher up to date; `undefined` if it knows everything, is not due, or is not `writable`
   * (too much is queued for it; it loses nothing by waiting). Watchers share the bytes, which must not be changed.
   */
  next(cursor: WatchCursor, now: number, writable: boolean): News | undefined {
    if (!writable || this.#knowsAll(cursor) || !cursor.isDue(now)) return undefined
    const { game, turn } = this.#state
    if (cursor.isFiguresOnly) return this.#figuresFor(cursor)
    const message = cursor.generation === undefined ? this.#newestFor(cursor) : this.#wholeFor(cursor)
    if (cursor.generation !== undefined) cursor.generation = this.#generationAfter(cursor)?.step ?? this.#stepOf(cursor)
    cursor.game = game
    cursor.turn = turn - 1
    cursor.figures = this.#figures.number
    return message
  }

  #knowsAll(cursor: WatchCursor): boolean {
    const { game, turn } = this.#state
    if (cursor.game !== game || !this.#knowsFigures(cursor)) return false
    if (cursor.isFiguresOnly) return true
    return cursor.generation === undefined ? cursor.turn === turn - 1 : this.#generationAfter(cursor) === undefined
  }

  #knowsFigures(cursor: WatchCursor): boolean {
    return cursor.figures === this.#figures.number
  }

  /** The step of the newest whole generation of the present game that this watcher was sent. */
  #stepOf(cursor: WatchCursor): number {
    return cursor.game === this.#state.game ? (cursor.generation ?? NO_STEP) : NO_STEP
  }

  /** A whole generation that this watcher was not sent yet, if there is one. */
  #generationAfter(cursor: WatchCursor): EncodedGeneration | undefined {
    const { game, generations, since, steps } = this.#state
    const step = generations.newest(steps)
    if (step <= this.#stepOf(cursor)) return undefined
    if (this.#generation?.game !== game || this.#generation.step !== step) {
      const whole = generations.generation(steps, since)
      if (whole === undefined) return undefined
      this.#generation = { game, step, block: encodeGeneration(step, whole.states, whole.ages) }
    }
    return this.#generation
  }

  /** The message for a watcher of whole generations. */
  #wholeFor(cursor: WatchCursor): News {
    const generation = this.#generationAfter(cursor)
    // All watchers that lack the newest generation get the same one, whichever they were sent before.
    const step = generation === undefined ? this.#state.generations.newest(this.#state.steps) : NO_STEP
    const known: Known = {
      game: cursor.game === this.#state.game,
      figures: this.#knowsFigures(cursor),
      cells: "step",
      upTo: step
    }
    return this.#find(known) ?? this.#make(known, generation?.block)
  }

  /** The message for a watcher of the newest state of every cell. */
  #newestFor(cursor: WatchCursor): News {
    const { list, readsBits } = cursor
    const game = cursor.game === this.#state.game
    const turn = game ? cursor.turn : 0
    const known: Known = { game, figures: this.#knowsFigures(cursor), cells: "turn", upTo: turn, list, readsBits }
    const made = this.#find(known)
    if (made !== undefined) return made
    const bits = readsBits && game ? this.#state.wholeAfter(turn) : undefined
    if (bits !== undefined) return this.#make(known, encodeBits(bits))
    // A watcher that misses only the last turn gets the cells of that turn. One that knows nothing gets the whole grid.
    const mustScan = game && turn < this.#state.turn - 2
    if (!mustScan || ++this.#scans <= MAX_SCANS) return this.#make(known, this.#cellsAfter(turn, list))
    const caughtUp: Known = { ...known, game: true, figures: false, upTo: 0 }
    return this.#find(caughtUp) ?? this.#make(caughtUp, this.#cellsAfter(0, list))
  }

  /** The message for a watcher of figures only. What it knows of the cells changes only with another game. */
  #figuresFor(cursor: WatchCursor): News {
    const { game } = this.#state
    const known: Known = {
      game: cursor.game === game,
      figures: this.#knowsFigures(cursor),
      cells: "none",
      upTo: 0
    }
    if (!known.game) {
      cursor.turn = 0
      if (cursor.generation !== undefined) cursor.generation = NO_STEP
    }
    cursor.game = game
    cursor.figures = this.#figures.number
    return this.#find(known) ?? this.#make(known, undefined)
  }

  #find(known: Known): News | undefined {
    return this.#messages.find((each) => areSame(each.known, known))?.message
  }

  #make(known: Known, cells: Uint8Array | undefined): News {
    const blocks = known.game ? [] : [encodeServer(this.#state.server), encodeGame(this.#state)]
    if (cells !== undefined) blocks.push(cells)
    if (!known.figures || blocks.length === 0) blocks.push(this.#figures.block)
    const message = prepare(concat(blocks))
    this.#messages.push({ known, message })
    return message
  }

  #cellsAfter(turn: number, list: CellList): Uint8Array | undefined {
    const state = this.#state
    const cells = state.steps.length
    if (turn >= state.turn - 1) return undefined
    // All cells at one step: neither their list nor their steps are needed.
    const whole = turn === 0 ? state.wholeGeneration : undefined
    if (whole !== undefined) return encodeGeneration(whole.step, whole.states, whole.ages)
    if (this.#scratch.length !== cells) this.#scratch = new Uint32Array(cells)
    const count = state.changedAfter(turn, this.#scratch)
    if (list === "gaps") this.#order.apply(this.#scratch, count, cells)
    return encodeCells(state, this.#scratch, count, list)
  }
}
