import * as Predicate from "effect/Predicate"
import { real } from "../../Time/Timer.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Playing } from "../Scenario/Player.ts"

export type Callback = (...given: ReadonlyArray<unknown>) => unknown

export const isCallback = (value: unknown): value is Callback => typeof value === "function"

/** The most events of an iteration that wait for its script. */
const WAITING_LIMIT = 10_000

/** Node's timers fire at once if they are given more. */
const LONGEST = 2 ** 31 - 1

/** Milliseconds for a timer of Node. */
export const delayOf = (milliseconds: unknown, least: number): number =>
  Math.min(LONGEST, Math.max(least, Number(milliseconds) || 0))

/** What a script throws to end its iteration or the test. */
export class Aborted extends Error {}

/** What an error says, with the place in the script where it was thrown. */
export const describe = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const [first = "", ...places] = (error.stack ?? error.message).split("\n")
  // Scripts have paths, modules of this program have URLs.
  const place = places.find((line) => !/file:|node:/.test(line)) ?? ""
  return error instanceof Aborted ? error.message : `${first} ${place.trim()}`.trim()
}

/**
 * One iteration of a script. As in k6 nothing else of the client runs while its script waits in `sleep` or for an answer: what
 * happens meanwhile is done afterwards, in order. The iteration ends when its function has returned and nothing is outstanding.
 */
export class Iteration {
  readonly client: Playing
  /** The first thing that went wrong. */
  failure: Failure | undefined
  #blocked = 0
  #outstanding = 0
  #hasReturned = false
  #isOver = false
  readonly #waiting: Array<() => void> = []
  readonly #cleanUp = new Set<() => void>()
  readonly #onEnd: () => void

  constructor(client: Playing, onEnd: () => void) {
    this.client = client
    this.#onEnd = onEnd
  }

  start(main: () => unknown): void {
    this.#call(main, () => {
      this.#hasReturned = true
      this.#settle()
    })
  }

  /** Calls a function of the script, now or when the script no longer waits. */
  post(act: () => unknown): void {
    if (this.#isOver) return
    if (this.#blocked === 0 && this.#waiting.length === 0) return this.#call(act)
    this.#waiting.push(() => this.#call(act))
    if (this.#waiting.length > WAITING_LIMIT) {
      const kind = `more than ${WAITING_LIMIT} events wait while the script blocks`
      this.fail({ cause: "script", kind, detail: `${kind}: let it sleep less, or get fewer messages` })
      this.#finish()
    }
  }

  /** Waits for something for which the script blocks. */
  block<A>(start: (resume: (make: () => A) => void) => void): Promise<A> {
    return this.pending(start, 1)
  }

  /** The iteration goes on until the value is there. The script gets what `start` throws, or the function that makes the value. */
  pending<A>(start: (release: (make: () => A) => void) => void, blocks = 0): Promise<A> {
    this.#outstanding++
    this.#blocked += blocks
    return new Promise((resolve, reject) => {
      let isDone = false
      const release = (make: () => A): void => {
        if (isDone || this.#isOver) return
        isDone = true
        this.#blocked -= blocks
        try {
          resolve(make())
        } catch (error) {
          reject(error)
        }
        this.#outstanding--
        setImmediate(() => this.#drain())
      }
      try {
        start(release)
      } catch (error) {
        release(() => {
          throw error
        })
      }
    })
  }

  retain(): void {
    this.#outstanding++
  }

  release(): void {
    this.#outstanding--
    // The script goes on before anybody looks whether it has ended.
    setImmediate(() => this.#settle())
  }

  /** Something to end if the iteration is ended before its time. Returns a function that forgets it. */
  onCut(act: () => void): () => void {
    this.#cleanUp.add(act)
    return () => void this.#cleanUp.delete(act)
  }

  fail(failure: Failure): void {
    this.failure ??= failure
  }

  cut(): void {
    this.#isOver = true
    this.#waiting.length = 0
    for (const act of this.#cleanUp) act()
    this.#cleanUp.clear()
  }

  #call(act: () => unknown, done: () => void = () => {}): void {
    try {
      const result = act()
      if (Predicate.isPromiseLike(result)) {
        // An iteration with a callback that waits is not over.
        this.#outstanding++
        result.then(
          () => {
            if (this.#isOver) return
            done()
            this.release()
          },
          (error: unknown) => this.#throw(error)
        )
      } else done()
    } catch (error) {
      this.#throw(error)
    }
  }

  #throw(error: unknown): void {
    if (this.#isOver) return
    this.fail({ cause: "script", kind: "in the script", detail: describe(error) })
    this.#finish()
  }

  #drain(): void {
    while (this.#blocked === 0 && !this.#isOver) {
      const next = this.#waiting.shift()
      if (next === undefined) return this.#settle()
      next()
    }
  }

  #settle(): void {
    if (this.#hasReturned && this.#outstanding === 0 && this.#blocked === 0 && this.#waiting.length === 0)
      this.#finish()
  }

  #finish(): void {
    if (this.#isOver) return
    this.cut()
    this.#onEnd()
  }
}

/**
 * Calls a function of the script after a time, in milliseconds, once or again and again. At most one call waits while the script
 * blocks. Returns a function that stops this. `onEnd` is called once, when no further call comes.
 */
export const every = (
  iteration: Iteration,
  act: unknown,
  delay: unknown,
  repeats: boolean,
  given: ReadonlyArray<unknown>,
  onEnd: () => void
): (() => void) => {
  if (!isCallback(act)) throw new TypeError(`${repeats ? "setInterval" : "setTimeout"}: expected a function`)
  let isOver = false
  let isWaiting = false
  const stop = () => {
    if (isOver) return
    isOver = true
    stopTimer()
    forget()
    onEnd()
  }
  const run = () => {
    if (isWaiting) return
    isWaiting = true
    iteration.post(() => {
      isWaiting = false
      if (isOver) return undefined
      if (!repeats) stop()
      return act(...given)
    })
  }
  const time = delayOf(delay, 1)
  const stopTimer = repeats ? real.every(time, run) : real.after(time, run)
  const forget = iteration.onCut(stop)
  return stop
}

/** A client that runs a script. Its module state stays from one iteration to the next. */
export class Vu {
  /** Its number, from 1; 0 while the script is only read. */
  readonly number: number
  readonly env: Record<string, string | undefined>
  /** The number of its iterations before the current one. */
  iterations = -1
  /** The current scenario of the script, and the number of its iterations before this one. */
  scenario = { name: "default", here: 0, inTest: 0 }
  /** `undefined` while its modules are evaluated. */
  current: Iteration | undefined
  readonly #timers = new Map<number, () => void>()
  #lastTimer = 0

  constructor(number: number, env: Record<string, string | undefined>) {
    this.number = number
    this.env = env
  }

  begin(iteration: Iteration, scenario: string): void {
    this.iterations++
    this.current = iteration
    this.scenario = { name: scenario, ...iteration.client.nextIteration(scenario) }
  }

  /** The current iteration. Throws if there is none, because k6 allows `what` only then. */
  running(what: string): Iteration {
    if (this.current === undefined) throw new Error(`${what} can't be used outside of a function that k6 calls`)
    return this.current
  }

  declaring(what: string): void {
    if (this.current !== undefined) throw new Error(`${what} can be used only outside of the functions that k6 calls`)
  }

  setTimer(act: unknown, delay: unknown, repeats: boolean, given: ReadonlyArray<unknown>): number {
    const iteration = this.running(repeats ? "setInterval" : "setTimeout")
    const id = ++this.#lastTimer
    const stop = every(iteration, act, delay, repeats, given, () => {
      this.#timers.delete(id)
      iteration.release()
    })
    iteration.retain()
    this.#timers.set(id, stop)
    return id
  }

  clearTimer(id: unknown): void {
    this.#timers.get(Number(id))?.()
  }

  sleep(seconds: unknown): Promise<void> {
    const iteration = this.running("sleep")
    return iteration.block((resume) => {
      const wake = () => {
        forget()
        resume(() => undefined)
      }
      const forget = iteration.onCut(real.after(delayOf(Number(seconds) * 1000, 0), wake))
    })
  }
}
