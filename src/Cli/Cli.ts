/** The command line. Each command's program is loaded when it is used, so that `--help` is there at once. */
import * as Command from "@effect/cli/Command"
import { demo } from "./Demo.ts"
import { echo } from "./Echo.ts"
import { life } from "./Life.ts"
import { serve } from "./Serve.ts"

const root = Command.make("effect-c10k").pipe(
  Command.withDescription("A WebSocket relay server, a Game of Life of WebSocket clients, and a checking load tester"),
  Command.withSubcommands([demo, serve, life, echo])
)

export const run = Command.run(root, { name: "effect-c10k", version: "0.1.0" })
