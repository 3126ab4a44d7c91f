import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import * as EffectTimer from "../../Time/EffectTimer.ts"
import type { Timer } from "../../Time/Timer.ts"

/** An object with at most one deadline at a time, and the action for it. The heap owns `heapIndex`, which starts at -1. */
export interface Appointment {
  deadline: number
  heapIndex: number
  readonly onDeadline: () => void
}

/**
 * A binary heap of deadlines. Each entry knows its index, so moving or removing a deadline takes O(log n) and leaves no garbage.
 * One heap and one timer serve all waits and timeouts of a run. Most deadlines are timeouts that every reply moves later: these stay
 * where they are, and move when their old time has come.
 */
export class DeadlineHeap {
  readonly #entries: Array<Appointment> = []
  /** The time by which each entry is in order. Its deadline may be later. */
  readonly #keys: Array<number> = []
  readonly #onFirst: (deadline: number) => void

  /** Calls `onFirst` when a deadline is set that is earlier than all others. */
  constructor(onFirst: (deadline: number) => void) {
    this.#onFirst = onFirst
  }

  /** The earliest deadline; `Infinity` if there is none. */
  get next(): number {
    return this.#first()?.deadline ?? Infinity
  }

  set(entry: Appointment, deadline: number): void {
    entry.deadline = deadline
    if (entry.heapIndex === -1) {
      entry.heapIndex = this.#entries.length
      this.#entries.push(entry)
      this.#keys.push(deadline)
    } else if (deadline < this.#keys[entry.heapIndex]!) this.#keys[entry.heapIndex] = deadline
    else return
    this.#up(entry.heapIndex)
    if (entry.heapIndex === 0) this.#onFirst(deadline)
  }

  clear(entry: Appointment): void {
    const index = entry.heapIndex
    if (index === -1) return
    entry.heapIndex = -1
    const last = this.#entries.pop()!
    const key = this.#keys.pop()!
    if (last === entry) return
    this.#put(last, key, index)
    this.#up(index)
    this.#down(last.heapIndex)
  }

  /** Removes and returns the earliest entry that is due at `now`. */
  take(now: number): Appointment | undefined {
    const first = this.#first()
    if (first === undefined || first.deadline > now) return undefined
    this.clear(first)
    return first
  }

  /** The entry with the earliest deadline. Those before it whose deadlines were moved go to their places. */
  #first(): Appointment | undefined {
    for (;;) {
      const first = this.#entries[0]
      if (first === undefined || first.deadline === this.#keys[0]) return first
      this.#keys[0] = first.deadline
      this.#down(0)
    }
  }

  #put(entry: Appointment, key: number, index: number): void {
    this.#entries[index] = entry
    this.#keys[index] = key
    entry.heapIndex = index
  }

  #up(start: number): void {
    const entry = this.#entries[start]!
    const key = this.#keys[start]!
    let index = start
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#keys[above]!
      if (parent <= key) break
      this.#put(this.#entries[above]!, parent, index)
      index = above
    }
    this.#put(entry, key, index)
  }

  #down(start: number): void {
    const keys = this.#keys
    const entry = this.#entries[start]!
    const key = keys[start]!
    let index = start
    for (;;) {
      let below = 2 * index + 1
      if (below >= keys.length) break
      if (below + 1 < keys.length && keys[below + 1]! < keys[below]!) below++
      if (keys[below]! >= key) break
      this.#put(this.#entries[below]!, keys[below]!, index)
      index = below
    }
    this.#put(entry, key, index)
  }
}

/** The longest delay of a timer, in milliseconds. Node fires a timer of 2^31 ms or more at once. */
const LONGEST = 86_400_000

/** The deadlines of a run and the one timer for them. Times are in milliseconds of the run's clock, which begins at 0. */
export class Timers {
  readonly deadlines = new DeadlineHeap((deadline) => this.#set(deadline))
  /** When the timer rings; `Infinity` if it is not set, `-Infinity` while it rings. Deadlines that are set meanwhile set it once, afterwards. */
  #at = Infinity
  #stop: () => void = () => {}
  readonly #origin: number
  readonly #timer: Timer
  readonly #resolution: number

  constructor(timer: Timer, resolution: number) {
    this.#timer = timer
    this.#origin = timer.now()
    this.#resolution = resolution
  }

  readonly now = (): number => this.#timer.now() - this.#origin

  stop(): void {
    this.#stop()
    this.#at = Infinity
  }

  /** Sets the timer, unless it rings before `time` or so soon after that setting it again is not worth it. */
  #set(time: number): void {
    if (time === Infinity || time + this.#resolution >= this.#at) return
    this.stop()
    this.#at = time
    const delay = Math.min(LONGEST, Math.max(0, Math.ceil(time - this.now())))
    const stop = this.#timer.after(delay, this.#ring)
    // A test's clock may ring before `after` returns. Then the timer is set to another time already.
    if (this.#at === time) this.#stop = stop
  }

  readonly #ring = (): void => {
    this.#at = -Infinity
    const now = this.now()
    for (let due = this.deadlines.take(now); due !== undefined; due = this.deadlines.take(now)) due.onDeadline()
    this.#at = Infinity
    this.#set(Math.max(this.deadlines.next, this.now() + this.#resolution))
  }
}

/** Makes timers that stop when their scope closes. They ring at most once in `resolution` milliseconds, so that one ring serves many deadlines. */
export const make = (resolution: number): Effect.Effect<Timers, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.map(EffectTimer.make, (timer) => new Timers(timer, resolution)),
    (timers) => Effect.sync(() => timers.stop())
  )
