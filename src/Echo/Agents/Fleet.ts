/** The leader of runs that several agents share. */
import { randomUUID } from "node:crypto"
import type { NatsConnection } from "@nats-io/transport-node"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { messageOf } from "../../Text/Thrown.ts"
import * as Coordinator from "../Load/Coordinator.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import {
  decodeWord,
  encodeOrder,
  type FromAgent,
  GONE_AFTER,
  Presence,
  SIGN_OF_LIFE,
  subjects,
  type ToAgent
} from "./AgentMessage.ts"
import * as ClockOffset from "./ClockOffset.ts"
import * as Pieces from "./Pieces.ts"

/** There are too few agents, or an agent cannot run its share. `message` is one line for the user. */
export class AgentError extends Schema.TaggedError<AgentError>()("AgentError", { message: Schema.String }) {}

/** Milliseconds that agents have to answer, and how often the leader polls for them. */
const ANSWER = 1000
const MAX_POLLS = 10

/** How often an agent is asked for its clock. The fastest answer counts. */
const QUESTIONS = 9
/** Milliseconds that an agent has to prepare a run. */
const GET_READY = 30_000
/** Milliseconds from the time when all agents are ready to their common start. A message must arrive within this time. */
const HEAD_START = 500

export interface FleetOptions {
  readonly connection: NatsConnection
  readonly agents: number
  readonly version: string
  /** Start even if an agent's machine seems too small. */
  readonly force: boolean
}

interface Agent {
  readonly id: string
  readonly name: string
  readonly clock: ClockOffset.ClockOffset
}

const decodePresence = Schema.decodeOption(Presence)

/** The agents that answer within a second, or as soon as `enough` of them have. */
const callRoll = Effect.fn("Fleet.callRoll")(function* (
  connection: NatsConnection,
  enough: (present: ReadonlyArray<Presence>) => boolean
) {
  const present: Array<Presence> = []
  const inbox = `c10k.echo.roll.${randomUUID()}`
  const done = yield* Deferred.make<void>()
  yield* Pieces.listen(connection, inbox, (message) => {
    present.push(...Option.toArray(decodePresence(message.string())))
    if (enough(present)) Deferred.unsafeDone(done, Effect.void)
  })
  connection.publish(subjects.roll, "", { reply: inbox })
  yield* Effect.timeoutOption(Deferred.await(done), ANSWER)
  return present
}, Effect.scoped)

const ask = (connection: NatsConnection, subject: string, question: string) =>
  Effect.map(
    Effect.tryPromise({
      try: () => connection.request(subject, question, { timeout: ANSWER }),
      catch: (error) => new AgentError({ message: `an agent does not answer (${messageOf(error)})` })
    }),
    (message) => message.string()
  )

const compareClocks = (connection: NatsConnection, id: string) =>
  Effect.map(
    Effect.forEach(Array.from({ length: QUESTIONS }), () =>
      Effect.suspend(() => {
        const asked = Date.now()
        return Effect.map(ask(connection, subjects.clock(id), ""), (reported) => ({
          asked,
          answered: Date.now(),
          reported: Number(reported)
        }))
      })
    ),
    ClockOffset.of
  )

const listed = (agents: ReadonlyArray<Presence>): string =>
  agents.map(({ busy, name }) => (busy ? `${name} (works for another)` : name)).join(", ")

/** The free agents of this version, at least as many as asked for. Looks several times, because agents may just be starting. */
const find = Effect.fn("Fleet.find")(function* ({ agents, connection, version }: FleetOptions) {
  const isFree = (one: Presence) => !one.busy && one.version === version
  const enough = (present: ReadonlyArray<Presence>) => present.filter(isFree).length >= agents
  let present = yield* callRoll(connection, enough)
  for (let polls = 1; polls < MAX_POLLS && !enough(present); polls++) {
    yield* Effect.sleep(present.length === 0 ? 0 : ANSWER)
    present = yield* callRoll(connection, enough)
  }
  if (enough(present)) return present.filter(isFree)
  const other = present.find((one) => one.version !== version)
  if (other !== undefined) {
    return yield* new AgentError({
      message: `agent ${other.name} has version ${other.version}, but this is version ${version}: install the same version on all machines`
    })
  }
  const found = present.length === 0 ? "found no agents" : `found only ${listed(present)}`
  return yield* new AgentError({
    message: `--agents ${agents}: ${found}; start \`effect-c10k echo agent --join nats://...\` on each machine`
  })
})

/** The listener to an agent's messages while a run goes on. */
type Listener = (run: number, word: FromAgent) => void

/** The connection to one agent, from its engagement until the leader releases it. */
class Line {
  readonly agent: Agent
  readonly #publish: (text: string) => void
  #listener: Listener = () => {}
  #heard = performance.now()

  constructor(agent: Agent, publish: (text: string) => void) {
    this.agent = agent
    this.#publish = publish
  }

  post(run: number, message: ToAgent): void {
    this.#publish(encodeOrder({ run, message }))
  }

  hear(text: string): void {
    for (const { message, run } of Option.toArray(decodeWord(text))) {
      this.#heard = performance.now()
      this.#listener(run, message)
    }
  }

  listen(listener: Listener): void {
    this.#heard = performance.now()
    this.#listener = listener
  }

  get isSilent(): boolean {
    return performance.now() - this.#heard > GONE_AFTER
  }
}

/** Makes an agent a member of a run and waits until it is ready. */
const enlist = (
  line: Line,
  run: number,
  force: boolean,
  startAt: () => number
): Coordinator.Enlist<AgentError, Scope.Scope> =>
  Effect.fn("Fleet.enlist")(function* (plan, _, hear) {
    const { clock, name } = line.agent
    const ready = yield* Deferred.make<void, AgentError>()
    let isOver = false
    const dies = (how: string) => {
      if (isOver) return
      isOver = true
      hear({ _tag: "Died", how })
      Deferred.unsafeDone(ready, Effect.fail(new AgentError({ message: `${name}: ${how}` })))
    }
    line.listen((about, word) => {
      if (about !== run || isOver) return
      switch (word._tag) {
        case "Alive":
          return
        case "Left":
          return dies("it was stopped")
        case "Refused":
          return dies(word.message)
        case "Ready":
          Deferred.unsafeDone(ready, Effect.void)
          return hear(word)
        case "Done":
          isOver = true
          return hear(word)
        default:
          return hear(word)
      }
    })
    const watch = Effect.sync(() => {
      if (line.isSilent) dies(`no message came from it for ${GONE_AFTER / 1000} s`)
    })
    yield* watch.pipe(Effect.delay(SIGN_OF_LIFE), Effect.forever, Effect.forkScoped)
    line.post(run, { _tag: "Prepare", plan, force })
    yield* Effect.timeoutFail(Deferred.await(ready), {
      duration: GET_READY,
      onTimeout: () => new AgentError({ message: `agent ${name} was not ready after ${GET_READY / 1000} s` })
    })
    return {
      name: `agent ${name}`,
      post: (message) =>
        line.post(run, message._tag === "Start" ? { _tag: "Go", at: startAt() + clock.ahead } : message),
      kill: () => dies("it did not end in time")
    }
  })

/** Engages agents until the scope closes. Fails with an `AgentError` if there are too few. */
export const gather = Effect.fn("Fleet.gather")(function* (options: FleetOptions) {
  const { connection, force } = options
  const leader = randomUUID()
  const lines: Array<Line> = []
  for (const { id, name } of yield* find(options)) {
    if (lines.length === options.agents) break
    if ((yield* ask(connection, subjects.engage(id), leader)) !== "yes") continue
    const orders = subjects.orders(leader, id)
    const line = new Line({ id, name, clock: yield* compareClocks(connection, id) }, (text) =>
      Pieces.publish(connection, orders, text)
    )
    yield* Pieces.subscribe(connection, subjects.words(leader, id), (text) => line.hear(text))
    yield* Effect.addFinalizer(() =>
      Effect.zipRight(
        Effect.sync(() => line.post(0, { _tag: "Release" })),
        Pieces.flush(connection)
      )
    )
    lines.push(line)
  }
  if (lines.length < options.agents) {
    return yield* new AgentError({ message: "another leader engaged some of the agents at the same time: try again" })
  }
  let runs = 0
  const alive = Effect.sync(() => {
    for (const line of lines) line.post(runs, { _tag: "Alive" })
  })
  yield* alive.pipe(Effect.delay(SIGN_OF_LIFE), Effect.forever, Effect.forkScoped)
  const run = (plan: LoadPlan) =>
    Effect.suspend(() => {
      const number = ++runs
      let at: number | undefined
      const startAt = () => {
        at ??= Date.now() + HEAD_START
        return at
      }
      return Coordinator.lead(plan, lines.length, (own, index, hear) =>
        enlist(lines[index]!, number, force, startAt)(own, index, hear)
      )
    })
  /** The agents whose clocks were adjusted since they were engaged, and by how many milliseconds. */
  const moved = Effect.map(
    Effect.forEach(lines, ({ agent }) =>
      Effect.map(
        compareClocks(connection, agent.id),
        (now) => [agent.name, ClockOffset.moved(agent.clock, now)] as const
      )
    ),
    (all) => all.flatMap(([name, by]) => (by === undefined ? [] : [[name, by] as const]))
  )
  return { agents: lines.map(({ agent }) => agent), run, moved }
})

export type Fleet = Effect.Effect.Success<ReturnType<typeof gather>>
