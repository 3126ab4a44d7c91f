import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as OptionKinds from "../OptionKinds.ts"
import { host, port } from "../Serve/ServeOptions.ts"

const step = (name: string, description: string) =>
  Options.optional(OptionKinds.value(name, OptionKinds.whole(0), description))

/** The options of `life replay`. */
export const options = {
  source: Args.text({ name: "recording" }).pipe(
    Args.withDescription("A file of `life record`, or the url of a server that was started with --history.")
  ),
  host,
  port,
  speed: Options.optional(
    OptionKinds.value("speed", OptionKinds.rate("steps"), "Steps a second. As they were, unless given.", "l")
  ),
  from: step("from", "The step to begin with."),
  to: step("to", "The step to end with."),
  check: Options.boolean("check").pipe(
    Options.withDescription(
      "Compare every cell of every step with what the rule makes of the first one, and show nothing."
    )
  ),
  output: Options.text("output").pipe(
    Options.withAlias("o"),
    Options.withDescription(
      "Write a step as RLE to this file, or - for standard output, and show nothing: that of --to, or the last."
    ),
    Options.optional
  ),
  rule: Options.text("rule").pipe(
    Options.withDescription("The rule, where the recording does not tell it."),
    Options.optional
  )
}

export type ReplayOptions = Command.Command.ParseConfig<typeof options>
