/** Runs several processes of this program on one port: starts them, replaces those that end, ends them in groups. */
import cluster from "node:cluster"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { ServerConsole } from "../Operations/ServerConsole.ts"
import * as ChildProcess from "./ChildProcess.ts"
import { MetricsRounds } from "./MetricsRounds.ts"
import type { FromProcess } from "./ProcessMessage.ts"
import { ProcessPlace } from "./ProcessPlace.ts"

/**
 * A process that lived at least this number of milliseconds starts the count anew. Then the first pause, and the
 * longest one, in milliseconds.
 */
const SOUND = 10_000
const FIRST = 100
const MAX_DELAY = 10_000

/**
 * The milliseconds until the replacement of a process that lived `lived` milliseconds starts. `soonEnded`: how many processes of
 * its place, one after the other, had ended soon after their start; the first result is that number with this one.
 */
export const nextReplacement = (soonEnded: number, lived: number): readonly [soonEnded: number, delay: number] => {
  if (lived >= SOUND) return [1, 0]
  return [soonEnded + 1, soonEnded === 0 ? 0 : Math.min(MAX_DELAY, FIRST * 2 ** (soonEnded - 1))]
}

const GROUPS = 4

/** Groups of equal size; the last one may be smaller. */
export const groupsOf = <A>(members: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Arr.chunksOf(members, Math.max(1, Math.ceil(members.length / GROUPS)))

/**
 * Ends all members, and waits for all. The next group begins when the one before has ended, or after `turn`
 * milliseconds, so that a member that hangs does not delay the others.
 */
export const endAll = Effect.fnUntraced(function* <A>(
  members: ReadonlyArray<A>,
  end: (member: A) => Effect.Effect<void>,
  turn: number
) {
  const all: Array<Fiber.RuntimeFiber<void>> = []
  for (const group of groupsOf(members)) {
    const ending = yield* Effect.forEach(group, (member) => Effect.fork(end(member)))
    all.push(...ending)
    yield* Effect.timeoutOption(Fiber.awaitAll(ending), turn)
  }
  yield* Fiber.joinAll(all)
})

export interface Options<R = never> {
  readonly count: number
  /** The port that they listen on; 0 chooses a free one. */
  readonly port: number
  /** Whether each process listens by itself. Otherwise the supervisor listens, and they share its sockets. */
  readonly listensItself: boolean
  /** Environment variables for the processes, added to those of this process. */
  readonly environment: Readonly<Record<string, string>>
  /** Milliseconds within which a process that must end has closed its connections. */
  readonly turn: number
  /** Milliseconds after which a process that must end is killed. */
  readonly patience: number
  /** Runs when the first process listens on this port. */
  readonly onListening: (port: number) => Effect.Effect<void, never, R>
  readonly console: ServerConsole["Type"]
}

/** The first process ended before it listened. It has logged why. */
class ProcessesFailed extends Schema.TaggedError<ProcessesFailed>()("ProcessesFailed", {
  status: Schema.Number
}) {}

class Team<R> {
  readonly #options: Options<R>
  /** The processes that listen, by their number. */
  readonly #members = new Map<number, ChildProcess.ChildProcess>()
  readonly #rounds = new MetricsRounds()
  #port: number
  #isDraining = false

  constructor(options: Options<R>) {
    this.#options = options
    this.#port = options.port
  }

  /** Starts all processes, and replaces those that end until `drain`. */
  readonly run: Effect.Effect<void, ProcessesFailed, R> = Effect.suspend(() =>
    Effect.gen(this, function* () {
      const first = yield* Deferred.make<number, ProcessesFailed>()
      const keepers = [yield* Effect.fork(this.#keep(1, first))]
      // The first process starts alone, so that an error that all would meet (the port, the certificate) is logged only
      // once.
      yield* this.#options.onListening(yield* Deferred.await(first))
      for (let number = 2; number <= this.#options.count; number++) keepers.push(yield* Effect.fork(this.#keep(number)))
      yield* Fiber.joinAll(keepers)
    })
  )

  /** Ends the processes in groups, one after the other, so that those that are left can accept the clients. */
  readonly drain: Effect.Effect<void> = Effect.suspend(() => {
    this.#isDraining = true
    return endAll([...this.#members.values()], (member) => this.#end(member), this.#options.turn)
  })

  #end(member: ChildProcess.ChildProcess): Effect.Effect<void> {
    return Effect.suspend(() => {
      member.post({ _tag: "Drain" })
      return Deferred.await(member.ended).pipe(
        Effect.timeoutFail({ duration: this.#options.patience, onTimeout: () => "late" as const }),
        Effect.catchAll(() =>
          Effect.zipRight(Effect.logWarning(`process ${member.place.number} does not end: it is killed`), member.kill)
        ),
        Effect.asVoid
      )
    })
  }

  /** Replaces the process of a place whenever it ends. With `first`, the first process must succeed. */
  #keep(number: number, first?: Deferred.Deferred<number, ProcessesFailed>): Effect.Effect<void> {
    return Effect.gen(this, function* () {
      let soonEnded = 0
      while (!this.#isDraining) {
        const begun = yield* Clock.currentTimeMillis
        const ended = yield* Effect.scoped(this.#live(number, first))
        if (this.#isDraining) return
        if (first !== undefined && (yield* Deferred.fail(first, new ProcessesFailed({ status: ended.status })))) return
        const [count, delay] = nextReplacement(soonEnded, (yield* Clock.currentTimeMillis) - begun)
        soonEnded = count
        const when = delay === 0 ? "now" : `in ${delay / 1000} s`
        yield* Effect.logWarning(`process ${number} ended (${ended.how}); another takes its place ${when}`)
        yield* Effect.sleep(delay)
      }
    })
  }

  #live(
    number: number,
    first: Deferred.Deferred<number, ProcessesFailed> | undefined
  ): Effect.Effect<ChildProcess.Ended, never, Scope.Scope> {
    return Effect.gen(this, function* () {
      const child: ChildProcess.ChildProcess = yield* ChildProcess.start({
        place: new ProcessPlace({ number, of: this.#options.count, port: this.#port }),
        environment: this.#options.environment,
        onMessage: (message) => this.#receive(number, message)
      })
      yield* Effect.addFinalizer(() => Effect.sync(() => this.#members.delete(number)))
      yield* Effect.raceFirst(Deferred.await(child.listening), Deferred.await(child.ended))
      if (yield* Deferred.isDone(child.listening)) {
        // Shared sockets are identified by the port that was asked for, so that port must not change.
        const port = yield* Deferred.await(child.listening)
        if (this.#options.listensItself) this.#port = port
        this.#members.set(number, child)
        if (first !== undefined) yield* Deferred.succeed(first, port)
      }
      // The process began to listen after all were told to end.
      if (this.#isDraining) yield* this.#end(child)
      return yield* Deferred.await(child.ended)
    })
  }

  #receive(number: number, message: FromProcess): void {
    switch (message._tag) {
      case "Metrics":
        return this.#rounds.take(number, message.round, message.text)
      case "Asked": {
        const asker = this.#members.get(number)
        if (asker !== undefined) this.#rounds.ask([...this.#members.values()], asker, message.question)
        return
      }
      case "Line":
        return this.#options.console.unsafeLine(message.text)
      case "Progress":
        return this.#options.console.unsafeProgress(message.text, message.now)
    }
  }
}

/** Whenever this process ends, except by SIGKILL, all its processes are killed, even one that hangs. */
const killAll = (): void => {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill("SIGKILL")
}

/** `run` ends when `drain` has ended all processes. An interruption of `run` kills them. */
export const make = <R>(options: Options<R>): Effect.Effect<Pick<Team<R>, "run" | "drain">, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      // The kernel spreads connections over the processes, and not this process.
      cluster.schedulingPolicy = cluster.SCHED_NONE
      process.on("exit", killAll)
      return new Team(options)
    }),
    () => Effect.sync(() => process.off("exit", killAll))
  )
