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
    Args.withDescription("A file that `life record` wrote, or the url of a server that was started with --history.")
  ),
  ca: OptionKinds.optionalText(
    "ca",
    "FILE",
    "Certificates (PEM) to trust instead of those of the system, for wss: urls."
  ),
  host,
  port,
  speed: Options.optional(
    OptionKinds.value("speed", OptionKinds.rate("steps"), "Steps in a second. (default: as they were recorded)", "l")
  ),
  from: step("from", "The first step. (default: the first one of the recording)"),
  to: step("to", "The last step. (default: the last one of the recording)"),
  check: OptionKinds.flag(
    "check",
    "Compare every cell of every step with what the rule makes of the first one. Serves no page."
  ),
  output: OptionKinds.text(
    "output",
    "FILE",
    "Write the step of --to, or the last one, to this file as RLE; - for standard output. Serves no page."
  ).pipe(Options.withAlias("o"), Options.optional),
  rule: OptionKinds.optionalText("rule", "RULE", "The rule, if the recording does not name it.")
}

export type ReplayOptions = Command.Command.ParseConfig<typeof options>
