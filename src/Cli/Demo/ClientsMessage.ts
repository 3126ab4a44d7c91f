/** The messages between `demo`, which is the server, and the process of its clients. */
import * as Schema from "effect/Schema"
import type { GamePlan } from "../Game/GamePlan.ts"
import { SentPlan, sentOf } from "../Game/SentPlan.ts"

/** A game: its plan, and how fast it runs. */
export const Played = Schema.Struct({
  ...SentPlan.fields,
  /** Steps per second. */
  speed: Schema.Number,
  /** Whether it is the game of the command line, whose options say how it ends. */
  isFirst: Schema.Boolean,
  /** Its place in the games of `--games`, what to look for, for how many seconds it runs at most, and what ends it earlier. */
  tour: Schema.UndefinedOr(
    Schema.Struct({
      index: Schema.Number,
      note: Schema.String,
      seconds: Schema.Number,
      stopWhen: Schema.Literal("still", "periodic")
    })
  )
})
export type Played = typeof Played.Type

export const playedOf = (plan: GamePlan, speed: number, isFirst: boolean): Played => ({
  ...sentOf(plan),
  ...{ speed, isFirst, tour: undefined }
})

/** The variable that tells this program that it is the process of the clients. */
export const ENVIRONMENT = "EFFECT_C10K_DEMO_CLIENTS"

export const ToClients = Schema.Union(
  /**
   * The process must play games over this address; `game` first. `resume`: take over its cells, whose process has ended. The game
   * is paused at the step `until`; at once if it is beyond it.
   */
  Schema.TaggedStruct("Play", {
    url: Schema.String,
    game: Schema.UndefinedOr(Played),
    resume: Schema.Boolean,
    until: Schema.UndefinedOr(Schema.Number),
    tour: Schema.Array(Played)
  }),
  /** A page's request, as the control channel writes it. */
  Schema.TaggedStruct("Ask", { id: Schema.Number, request: Schema.String })
)
export type ToClients = typeof ToClients.Type
export type Play = Extract<ToClients, { readonly _tag: "Play" }>

export const FromClients = Schema.Union(
  /** The process has opened its outputs. */
  Schema.TaggedStruct("Ready", { isShown: Schema.Boolean }),
  Schema.TaggedStruct("Playing", { game: Played }),
  Schema.TaggedStruct("State", {
    to: Schema.partialWith(
      Schema.Struct({
        game: Schema.Literal("running", "paused", "ended"),
        speed: Schema.Number,
        /** Why a game of `--games` has ended; "" for another one. */
        note: Schema.String
      }),
      { exact: true }
    )
  }),
  /** Clients were disturbed, as a page asked. */
  Schema.TaggedStruct("Fault", {
    fault: Schema.Literal("disconnect", "freeze"),
    count: Schema.Number,
    time: Schema.Number
  }),
  Schema.TaggedStruct("Refused", { id: Schema.Number, reason: Schema.String })
)
export type FromClients = typeof FromClients.Type
