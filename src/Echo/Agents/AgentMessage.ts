/** The messages between the leader of a run and its agents on other machines. */
import * as Schema from "effect/Schema"
import { FromWorker, ToWorker } from "../Load/WorkerMessage.ts"
import { LoadPlan } from "../Scenario/LoadPlan.ts"

/** Says that the sender is there; each second, also where there is nothing else to say. */
const Alive = Schema.TaggedStruct("Alive", {})

/** The messages from the leader to an agent. */
const ToAgent = Schema.Union(
  /** Look whether this machine can hold its share of the plan, and wait. */
  Schema.TaggedStruct("Prepare", { plan: LoadPlan, force: Schema.Boolean }),
  /** Start when your clock says so: milliseconds since 1970. */
  Schema.TaggedStruct("Go", { at: Schema.Number }),
  /** There will be no more runs. */
  Schema.TaggedStruct("Release", {}),
  Alive,
  ToWorker
)
export type ToAgent = typeof ToAgent.Type

/** The messages from an agent to the leader. */
const FromAgent = Schema.Union(
  /** It can't run its share; why, in a line. */
  Schema.TaggedStruct("Refused", { message: Schema.String }),
  /** Somebody stops it. */
  Schema.TaggedStruct("Left", {}),
  Alive,
  FromWorker
)
export type FromAgent = typeof FromAgent.Type

/** Both have the number of their run. Late messages of the previous run are dropped. */
const OfRun = <A, I>(message: Schema.Schema<A, I>) => Schema.parseJson(Schema.Struct({ run: Schema.Number, message }))

const OrderText = OfRun(ToAgent)
const WordText = OfRun(FromAgent)
export type Order = typeof OrderText.Type

export const encodeOrder = Schema.encodeSync(OrderText)
export const encodeWord = Schema.encodeSync(WordText)
/** None of what is no such text: anybody may publish in NATS. */
export const decodeOrder = Schema.decodeOption(OrderText)
export const decodeWord = Schema.decodeOption(WordText)

/** How an agent answers whoever looks for agents. */
export const Presence = Schema.parseJson(
  Schema.Struct({
    /** A part of its subjects. */
    id: Schema.String,
    /** For people. */
    name: Schema.String,
    version: Schema.String,
    /** Whether it runs a share for somebody. */
    busy: Schema.Boolean
  })
)
export type Presence = typeof Presence.Type

/** Subjects of NATS. */
export const subjects = {
  /** Asks which agents are there. All answer. */
  roll: "c10k.echo.agents",
  /** Asks an agent to work for one leader: answered with `yes`, or `no` where it works for another. */
  engage: (id: string) => `c10k.echo.agent.${id}.engage`,
  /** Asks an agent for its clock: milliseconds since 1970. */
  clock: (id: string) => `c10k.echo.agent.${id}.clock`,
  orders: (leader: string, id: string) => `c10k.echo.run.${leader}.${id}.orders`,
  words: (leader: string, id: string) => `c10k.echo.run.${leader}.${id}.words`
} as const

/** Milliseconds between two signs of life, and without one until the other side counts as gone. */
export const SIGN_OF_LIFE = 1000
export const GONE_AFTER = 5000
