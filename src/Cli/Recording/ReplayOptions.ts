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
    Args.withDescription("A file of `life record`, or the URL of a server that runs with --history.")
  ),
  ca: OptionKinds.optionalText(
    "ca",
    "FILE",
    "For wss: URLs: certificates (PEM) to trust instead of those of the system."
  ),
  host,
  port,
  speed: Options.optional(
    OptionKinds.value("speed", OptionKinds.rate("steps"), "Steps per second. (default: the recorded speed)", "l")
  ),
  from: step("from", "The first step. (default: the first one of the recording)"),
  to: step("to", "The last step. (default: the last one of the recording)"),
  check: OptionKinds.flag(
    "check",
    "Compare every cell of every step with a simulation that starts from the first step. Serves no page."
  ),
  output: OptionKinds.text(
    "output",
    "FILE",
    "Write the step of --to, or the last step, to this file as RLE; - for standard output. Serves no page."
  ).pipe(Options.withAlias("o"), Options.optional),
  rule: OptionKinds.optionalText("rule", "RULE", "The rule, if the recording does not contain it.")
}

export type ReplayOptions = Command.Command.ParseConfig<typeof options>
