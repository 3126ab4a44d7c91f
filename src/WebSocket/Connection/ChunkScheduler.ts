/**
 * Runs the fibers that a chunk of messages wakes within the chunk: one after the other, and before what they send is
 * written. Effect's own scheduler has a queue, a Promise and a microtask for each fiber, which costs a conversation more
 * than its handler (docs/decisions/0072). What is scheduled outside of a chunk goes to Effect's own.
 */
import * as Scheduler from "effect/Scheduler"

/** How often fibers that yield go on within a chunk; then what came meanwhile has its turn. */
const MAX_ROUNDS = 32

export class ChunkScheduler implements Scheduler.Scheduler {
  readonly #failed: (error: unknown) => void
  #isOpen = false
  #tasks: Array<Scheduler.Task> = []

  /** `failed`: hears what a task throws, as an observer of a fiber might. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  readonly shouldYield: Scheduler.Scheduler["shouldYield"] = (fiber) => Scheduler.defaultScheduler.shouldYield(fiber)

  readonly scheduleTask: Scheduler.Scheduler["scheduleTask"] = (task, priority, fiber) => {
    if (this.#isOpen && priority === 0) this.#tasks.push(task)
    else Scheduler.defaultScheduler.scheduleTask(task, priority, fiber)
  }

  /** A chunk begins: what is woken from here on waits for `run`. */
  open(): void {
    this.#isOpen = true
  }

  /** All of the chunk was handed over: runs what that woke. */
  run(): void {
    for (let round = 0; this.#tasks.length > 0; round++) {
      // Those that yield again and again go on when others had their turn.
      if (round === MAX_ROUNDS) this.#isOpen = false
      const tasks = this.#tasks
      this.#tasks = []
      for (const task of tasks) this.#runTask(task)
    }
    this.#isOpen = false
  }

  #runTask(task: Scheduler.Task): void {
    try {
      task()
    } catch (error) {
      this.#failed(error)
    }
  }
}
