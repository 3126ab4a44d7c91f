/** `life`: the distributed Game of Life. */
import * as Command from "@effect/cli/Command"
import * as Effect from "effect/Effect"
import { descriptions } from "../Descriptions.ts"
import { options } from "./LifeOptions.ts"

export const life = Command.make("life", options, (given) =>
  Effect.flatMap(
    Effect.promise(() => import("./LifeHandler.ts")),
    (handler) => handler.run(given)
  )
).pipe(Command.withDescription(`${descriptions.life}. \`life patterns\` lists its patterns.`))
