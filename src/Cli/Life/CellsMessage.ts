/** The messages between `life --processes` and the processes of its cells. */
import * as Schema from "effect/Schema"
import { GameClosed, GaveUp, NotARelay, ProcessLost } from "../../Life/Game/GameClosed.ts"
import { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import { SentPlan } from "../Game/SentPlan.ts"

/** The variable that tells this program that it is a process of cells. */
export const ENVIRONMENT = "EFFECT_C10K_LIFE_CELLS"

/** Why a game can't begin or go on. */
const Problem = Schema.Union(GameClosed, NotARelay, GaveUp, ProcessLost, ConnectError)

export const ToCells = Schema.Union(
  Schema.TaggedStruct("Play", {
    plan: SentPlan,
    /** The number of the process, from 0, and how many there are. */
    share: Schema.Number,
    of: Schema.Number,
    steps: Schema.Number,
    speed: Schema.Number,
    /** Of this process. */
    connectRate: Schema.Number,
    giveUp: Schema.Number,
    resume: Schema.Boolean
  }),
  /** The game is asked for again as soon as all processes are `Prepared`. The server then closes the connections of all cells. */
  Schema.TaggedStruct("Prepare", {}),
  /** The server has begun the game, or why not. */
  Schema.TaggedStruct("Begun", { problem: Schema.UndefinedOr(Problem) }),
  /** Nothing is published until it is false. */
  Schema.TaggedStruct("Block", { isBlocked: Schema.Boolean })
)
export type ToCells = typeof ToCells.Type

export const FromCells = Schema.Union(
  Schema.TaggedStruct("Ready", {}),
  /** Ask the server for the game. `begun`: how many `Begun` this process has read. */
  Schema.TaggedStruct("Ask", { begun: Schema.Number }),
  Schema.TaggedStruct("Prepared", {}),
  Schema.TaggedStruct("Counts", {
    connected: Schema.Number,
    subscribed: Schema.Number,
    reconnected: Schema.Number,
    running: Schema.Boolean
  }),
  /** What the cells have published, as `MergedStates` describes it. */
  Schema.TaggedStruct("States", { states: Schema.instanceOf(Uint32Array) }),
  /** All cells have made their last step, and have heard their neighbours there. */
  Schema.TaggedStruct("Done", {}),
  Schema.TaggedStruct("Failed", { problem: Problem })
)
export type FromCells = typeof FromCells.Type
