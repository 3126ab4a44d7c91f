import * as Kind from "../../Text/Kind.ts"
import * as Flag from "../Flag.ts"
import { host, port } from "../Serve/ServeOptions.ts"

const step = (name: string, description: string) => Flag.optional(Flag.value(name, Kind.whole(0), description))

export const options = {
  source: Flag.argument(
    "recording",
    "A file of `life record`, or the URL of a server that runs with --history.",
    "file"
  ),
  ca: Flag.optionalText("ca", "FILE", "For wss: URLs: certificates (PEM) to trust instead of those of the system."),
  host,
  port,
  speed: Flag.optional(Flag.value("speed", Kind.rate("steps"), "Steps per second. (default: the recorded speed)", "l")),
  from: step("from", "The first step. (default: the first one of the recording)"),
  to: step("to", "The last step. (default: the last one of the recording)"),
  check: Flag.flag(
    "check",
    "Compare every cell of every step with a simulation that starts from the first step. Serves no page."
  ),
  output: Flag.text(
    "output",
    "FILE",
    "Write the step of --to, or the last step, to this file as RLE; - for standard output. Serves no page."
  ).pipe(Flag.withAlias("o"), Flag.optional),
  rule: Flag.optionalText("rule", "RULE", "The rule, if the recording does not contain it.")
}

export type ReplayOptions = Flag.Given<typeof options>
