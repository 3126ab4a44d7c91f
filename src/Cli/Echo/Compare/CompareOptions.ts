import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as OptionKinds from "../../OptionKinds.ts"

export const options = {
  before: Args.text({ name: "before" }).pipe(Args.withDescription("The file of `echo --json` from the first run.")),
  after: Args.text({ name: "after" }).pipe(
    Args.withDescription("The file of `echo --json` from the second run, which is judged.")
  ),
  tolerance: OptionKinds.value(
    "tolerance",
    OptionKinds.share,
    "A change smaller than this part, such as 5% or 0.1, does not count. (default: 5%)"
  ).pipe(Options.withDefault(0.05)),
  all: OptionKinds.flag("all", "Compare every figure, not only the most important ones."),
  markdown: OptionKinds.flag("markdown", "Write a table in Markdown, for a comment on a pull request.")
}

export type CompareOptions = Command.Command.ParseConfig<typeof options>
