import type { Failure } from "../Measure/Failure.ts"
import type { Playing } from "../Scenario/Player.ts"

export type Callback = (...given: ReadonlyArray<unknown>) => unknown

export const isCallback = (value: unknown): value is Callback => typeof value === "function"

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function"

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

  get isOver(): boolean {
    return this.#isOver
  }

  /** Runs the function of the iteration. */
  start(main: () => unknown): void {
    this.#call(main, () => {
      this.#hasReturned = true
      this.#settle()
    })
  }

  /** Calls a function of the script, now or when the script no longer waits. */
  post(act: () => unknown): void {
    if (this.#isOver) return
    if (this.#blocked > 0 || this.#waiting.length > 0) this.#waiting.push(() => this.#call(act))
    else this.#call(act)
  }

  /** Waits for something for which the script blocks. */
  block<A>(start: (resume: (value: A) => void) => void): Promise<A> {
    this.#blocked++
    return this.held((release) => {
      start((value) => {
        if (this.#isOver) return
        this.#blocked--
        release(value)
        setImmediate(() => this.#drain())
      })
    })
  }

  /** The iteration goes on until the value is there. */
  held<A>(start: (release: (value: A) => void) => void): Promise<A> {
    this.#outstanding++
    return new Promise((resolve) => {
      start((value) => {
        if (this.#isOver) return
        resolve(value)
        this.release()
      })
    })
  }

  hold(): void {
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

  /** Ends everything that the iteration has begun. */
  cut(): void {
    this.#isOver = true
    this.#waiting.length = 0
    for (const act of this.#cleanUp) act()
    this.#cleanUp.clear()
  }

  #call(act: () => unknown, done: () => void = () => {}): void {
    try {
      const result = act()
      if (isPromise(result)) {
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

/** A client that runs a script. Its module state stays from one iteration to the next. */
export class Vu {
  /** Its number, from 1; 0 while the script is only read. */
  readonly number: number
  readonly env: Record<string, string | undefined>
  /** The number of its iterations before the current one. */
  iterations = -1
  /** `undefined` while its modules are evaluated. */
  current: Iteration | undefined
  #timers: Map<number, () => void> | undefined
  #lastTimer = 0

  constructor(number: number, env: Record<string, string | undefined>) {
    this.number = number
    this.env = env
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
    if (!isCallback(act)) throw new TypeError(`${repeats ? "setInterval" : "setTimeout"}: expected a function`)
    const id = ++this.#lastTimer
    iteration.hold()
    const clear = () => {
      clearInterval(timer)
      forget()
      if (this.#timers?.delete(id) === true) iteration.release()
    }
    const run = () => {
      iteration.post(() => {
        if (this.#timers?.has(id) !== true) return undefined
        if (!repeats) clear()
        return act(...given)
      })
    }
    const time = Math.max(1, Number(delay) || 0)
    const timer = repeats ? setInterval(run, time) : setTimeout(run, time)
    const forget = iteration.onCut(clear)
    this.#timers ??= new Map()
    this.#timers.set(id, clear)
    return id
  }

  clearTimer(id: unknown): void {
    this.#timers?.get(Number(id))?.()
  }

  sleep(seconds: unknown): Promise<void> {
    const iteration = this.running("sleep")
    return iteration.block((resume) => {
      const timer = setTimeout(
        () => {
          forget()
          resume(undefined)
        },
        Math.max(0, Number(seconds) * 1000 || 0)
      )
      const forget = iteration.onCut(() => clearTimeout(timer))
    })
  }
}
