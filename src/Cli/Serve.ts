/** `serve`: the relay server. */
import * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as Effect from "effect/Effect"

export const host = Options.text("host").pipe(
  Options.withDefault("localhost"),
  Options.withDescription("Name or address to listen on; a name stands for all of its addresses")
)

export const port = Options.integer("port").pipe(
  Options.withDefault(8000),
  Options.withDescription("Port to listen on; 0 takes any that is free")
)

export const serve = Command.make("serve", { host, port }, (options) =>
  Effect.flatMap(
    Effect.promise(() => import("./ServeHandler.ts")),
    ({ run }) => run(options)
  )
).pipe(Command.withDescription("Run the relay server: registry, startup barrier, relay and pages"))
