/** The messages between the leader of a run and its agents on other machines. */
import * as Schema from "effect/Schema"
import { FromWorker, ToWorker } from "../Load/WorkerMessage.ts"
import { LoadPlan } from "../Scenario/LoadPlan.ts"

/** Says that the sender is alive. Both sides send it every second. */
const Alive = Schema.TaggedStruct("Alive", {})

const ToAgent = Schema.Union(
  /** Check whether this machine can run its share of the plan, and wait. */
  Schema.TaggedStruct("Prepare", { plan: LoadPlan, force: Schema.Boolean }),
  /** Start at this time of the agent's own clock, in milliseconds since 1970. */
  Schema.TaggedStruct("Go", { at: Schema.Number }),
  /** There are no more runs. */
  Schema.TaggedStruct("Release", {}),
  Alive,
  ToWorker
)
export type ToAgent = typeof ToAgent.Type

const FromAgent = Schema.Union(
  /** The agent can't run its share. `message` says why, in one line. */
  Schema.TaggedStruct("Refused", { message: Schema.String }),
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
/** `None` if the text is no order, since anybody may publish in NATS. */
export const decodeOrder = Schema.decodeOption(OrderText)
export const decodeWord = Schema.decodeOption(WordText)

/** An agent's answer to a leader that looks for agents. */
export const Presence = Schema.parseJson(
  Schema.Struct({
    id: Schema.String,
    /** The name for reports and messages. */
    name: Schema.String,
    version: Schema.String,
    busy: Schema.Boolean
  })
)
export type Presence = typeof Presence.Type

export const subjects = {
  /** Asks which agents there are. All agents answer. */
  roll: "c10k.echo.agents",
  /** Asks an agent to work for a leader. The answer is `yes`, or `no` if the agent works for another leader. */
  engage: (id: string) => `c10k.echo.agent.${id}.engage`,
  /** Asks an agent for its clock, in milliseconds since 1970. */
  clock: (id: string) => `c10k.echo.agent.${id}.clock`,
  orders: (leader: string, id: string) => `c10k.echo.run.${leader}.${id}.orders`,
  words: (leader: string, id: string) => `c10k.echo.run.${leader}.${id}.words`
} as const

/** Milliseconds between two `Alive` messages. */
export const SIGN_OF_LIFE = 1000
/** After this time without a message, in milliseconds, the other side counts as dead. */
export const GONE_AFTER = 5000
