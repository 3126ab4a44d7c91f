import * as Command from "@effect/cli/Command"
import * as NodeContext from "@effect/platform-node/NodeContext"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Effect from "effect/Effect"
import { echo } from "../../src/Cli/Echo.ts"

/** A command line of one command, for the tests of that command. */
const main = Command.run(Command.make("effect-c10k").pipe(Command.withSubcommands([echo])), {
  name: "effect-c10k",
  version: "0.0.0"
})

main(process.argv).pipe(Effect.provide(NodeContext.layer), NodeRuntime.runMain({ disableErrorReporting: true }))
