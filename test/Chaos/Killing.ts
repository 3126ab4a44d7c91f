/** Shared by the games under chaos. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ServerProcess } from "../Server/ServerProcess.ts"

export const kill = ({ child, ended }: ServerProcess) =>
  Effect.promise(() => {
    child.kill("SIGKILL")
    return ended
  })

/** The game did not end correctly. */
export class ChaosFailure extends Schema.TaggedError<ChaosFailure>()("ChaosFailure", {
  seed: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `seed ${this.seed}: ${this.reason}`
  }
}
