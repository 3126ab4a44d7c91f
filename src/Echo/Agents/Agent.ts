/** An agent: a process, usually on another machine, that runs a share of a load for a leader. They find each other through NATS. */
import type { NatsConnection } from "@nats-io/transport-node"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Mailbox from "effect/Mailbox"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import type { Dialer } from "../Load/Dialer.ts"
import { Machine } from "../Load/Machine.ts"
import * as Preflight from "../Load/Preflight.ts"
import * as Worker from "../Load/Worker.ts"
import type { ToWorker } from "../Load/WorkerMessage.ts"
import { type LoadPlan, shareOf } from "../Scenario/LoadPlan.ts"
import {
  decodeOrder,
  encodeWord,
  type FromAgent,
  GONE_AFTER,
  type Order,
  Presence,
  SIGN_OF_LIFE,
  subjects
} from "./AgentMessage.ts"
import * as Pieces from "./Pieces.ts"

export interface AgentOptions {
  readonly connection: NatsConnection
  /** A unique id, which is part of the agent's NATS subjects. */
  readonly id: string
  readonly name: string
  readonly version: string
  /** Source addresses of this machine. Clients use them in turn. */
  readonly localAddresses: ReadonlyArray<string>
  /** Prints a line for the user about what the agent does. */
  readonly note: (line: string) => Effect.Effect<void>
}

/** The plan with the addresses and ports of this machine, and why the machine can't run it, if so. */
const prepare = Effect.fn("Agent.prepare")(function* (
  given: LoadPlan,
  { force }: { readonly force: boolean },
  { localAddresses }: AgentOptions
) {
  const resources = yield* Effect.flatMap(Machine, (machine) => machine.inspect)
  const plan: LoadPlan = { ...given, localAddresses, localPorts: resources.ports }
  const problems = force ? [] : Preflight.check({ ...plan, clients: shareOf(plan) }, 1, resources)
  return { plan, problem: problems.length === 0 ? undefined : problems.join("; ") }
})

/** A share of a run that this agent has prepared, and the fiber that runs it. */
interface Running {
  readonly number: number
  readonly orders: Mailbox.Mailbox<ToWorker>
  readonly plan: LoadPlan
  readonly fiber: Fiber.RuntimeFiber<void>
}

/** Works for one leader until the leader releases the agent or can't be heard any more. */
class Engagement {
  readonly #options: AgentOptions
  readonly #leader: string
  #running: Running | undefined

  constructor(options: AgentOptions, leader: string) {
    this.#options = options
    this.#leader = leader
  }

  readonly post = (run: number, message: FromAgent): Effect.Effect<void> =>
    Effect.sync(() => {
      const { connection, id } = this.#options
      Pieces.publish(connection, subjects.words(this.#leader, id), encodeWord({ run, message }))
    })

  /** Calls `onListening` when it has subscribed to the leader's orders. */
  work(onListening: () => void): Effect.Effect<void, never, Dialer | Machine> {
    const { connection, id, note } = this.#options
    const { post } = this
    return Effect.gen(this, function* () {
      const inbox = yield* Mailbox.make<Order>()
      yield* Pieces.subscribe(connection, subjects.orders(this.#leader, id), (text) => {
        for (const order of Option.toArray(decodeOrder(text))) inbox.unsafeOffer(order)
      })
      yield* Effect.addFinalizer(() =>
        Effect.zipRight(post(this.#running?.number ?? 0, { _tag: "Left" }), Pieces.flush(connection))
      )
      onListening()
      const alive = Effect.suspend(() => post(this.#running?.number ?? 0, { _tag: "Alive" }))
      yield* alive.pipe(Effect.delay(SIGN_OF_LIFE), Effect.forever, Effect.forkScoped)
      while (true) {
        const order = yield* Effect.timeoutOption(Effect.orDie(inbox.take), GONE_AFTER)
        if (Option.isNone(order)) return yield* note("the leader does not answer any more: its run ends on this agent")
        if (order.value.message._tag === "Release") return
        yield* this.#obey(order.value)
      }
    }).pipe(Effect.scoped)
  }

  #obey({ message, run }: Order): Effect.Effect<void, never, Dialer | Machine | Scope.Scope> {
    switch (message._tag) {
      case "Prepare":
        return this.#prepare(run, message)
      case "Go":
        return this.#go(run, message.at)
      case "Alive":
      case "Release":
        return Effect.void
      default:
        return Effect.sync(() => {
          if (this.#running?.number === run) this.#running.orders.unsafeOffer(message)
        })
    }
  }

  #prepare(run: number, message: { readonly plan: LoadPlan; readonly force: boolean }) {
    return Effect.gen(this, function* () {
      if (this.#running !== undefined) yield* Fiber.interrupt(this.#running.fiber)
      const { plan, problem } = yield* prepare(message.plan, message, this.#options)
      if (problem !== undefined) return yield* this.post(run, { _tag: "Refused", message: problem })
      const orders = yield* Mailbox.make<ToWorker>()
      const post = (word: FromAgent) => this.post(run, word)
      const share = `clients ${plan.share.index + 1}, ${plan.share.index + 1 + plan.share.of}, ... of ${plan.clients}`
      const fiber = yield* Worker.serve({ orders, post }).pipe(
        Effect.zipRight(this.#options.note(`done: ${share}`)),
        Effect.catchAll(({ message }) => post({ _tag: "Refused", message })),
        Effect.scoped,
        Effect.forkScoped
      )
      this.#running = { number: run, orders, plan, fiber }
      yield* this.#options.note(`running: ${share}`)
    })
  }

  #go(run: number, at: number) {
    return Effect.gen(this, function* () {
      const running = this.#running
      if (running?.number !== run) return
      const wait = Math.max(0, at - (yield* Clock.currentTimeMillis))
      const { orders, plan } = running
      yield* Effect.forkScoped(
        Effect.delay(
          Effect.sync(() => orders.unsafeOffer({ _tag: "Start", plan })),
          wait
        )
      )
    })
  }
}

/** The request of a leader that waits for the agent's answer. */
interface Invitation {
  readonly leader: string
  readonly accept: () => void
}

const encodePresence = Schema.encodeSync(Presence)

/** Answers leaders that look for agents, and works for one leader after another. */
export const run = Effect.fn("Agent.run")(function* (
  options: AgentOptions
): Effect.fn.Return<never, never, Dialer | Machine | Scope.Scope> {
  const { connection, id, name, version } = options
  let engaged: string | undefined
  let next = yield* Deferred.make<Invitation>()
  yield* Pieces.requests(connection, subjects.roll, (_, respond) =>
    respond(encodePresence({ id, name, version, busy: engaged !== undefined }))
  )
  yield* Pieces.requests(connection, subjects.clock(id), (_, respond) => respond(String(Date.now())))
  yield* Pieces.requests(connection, subjects.engage(id), (leader, respond) => {
    if (engaged !== undefined) return respond("no")
    engaged = leader
    Deferred.unsafeDone(next, Effect.succeed({ leader, accept: () => respond("yes") }))
  })
  while (true) {
    const { accept, leader } = yield* Deferred.await(next)
    next = yield* Deferred.make<Invitation>()
    yield* new Engagement(options, leader).work(accept)
    engaged = undefined
  }
})
