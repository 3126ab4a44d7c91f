import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"
import * as OptionKinds from "../../OptionKinds.ts"

export const options = {
  before: Args.text({ name: "before" }).pipe(Args.withDescription("File of `echo --json`.")),
  after: Args.text({ name: "after" }).pipe(Args.withDescription("File of `echo --json`, to be judged.")),
  tolerance: OptionKinds.value(
    "tolerance",
    OptionKinds.share,
    "Changes up to this part are none, such as 5% or 0.1. 5% unless given."
  ).pipe(Options.withDefault(0.05)),
  all: Options.boolean("all").pipe(Options.withDescription("Every figure, not only those that tell most.")),
  markdown: Options.boolean("markdown").pipe(
    Options.withDescription("A table in Markdown, for the comment of a pull request.")
  )
}

export type CompareOptions = Command.Command.ParseConfig<typeof options>
