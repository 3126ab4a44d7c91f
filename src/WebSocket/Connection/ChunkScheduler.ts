/**
 * A scheduler of Effect, apart from the reactor whose chunks it serves. Runs the fibers that a chunk of messages wakes within
 * that chunk, one after the other, before what they send is written. Effect's own scheduler needs a queue, a Promise and a
 * microtask for each fiber, which costs a conversation more than its handler (docs/decisions/0072). Tasks that are scheduled
 * outside of a chunk go to Effect's own scheduler.
 */
import * as Scheduler from "effect/Scheduler"

/** Rounds within a chunk for fibers that yield again and again. After these, the event loop gets its turn. */
const MAX_ROUNDS = 32

export class ChunkScheduler implements Scheduler.Scheduler {
  readonly #failed: (error: unknown) => void
  #isOpen = false
  #tasks: Array<Scheduler.Task> = []

  /** `failed` is called with what a task throws. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed
  }

  readonly shouldYield: Scheduler.Scheduler["shouldYield"] = (fiber) => Scheduler.defaultScheduler.shouldYield(fiber)

  readonly scheduleTask: Scheduler.Scheduler["scheduleTask"] = (task, priority, fiber) => {
    if (this.#isOpen && priority === 0) this.#tasks.push(task)
    else Scheduler.defaultScheduler.scheduleTask(task, priority, fiber)
  }

  /** Begins a chunk: tasks that are scheduled from here on wait for `run`. */
  open(): void {
    this.#isOpen = true
  }

  /** Ends a chunk: runs the tasks that its messages scheduled. */
  run(): void {
    for (let round = 0; this.#tasks.length > 0; round++) {
      // Fibers that still yield continue on Effect's own scheduler, after others had their turn.
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
