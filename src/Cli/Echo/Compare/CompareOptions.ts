import * as Kind from "../../../Text/Kind.ts"
import * as Flag from "../../Flag.ts"

export const options = {
  before: Flag.argument("before", "The file of `echo --json` from the first run.", "file"),
  after: Flag.argument("after", "The file of `echo --json` from the second run, which is judged.", "file"),
  tolerance: Flag.value(
    "tolerance",
    Kind.share,
    "A change smaller than this part, such as 5% or 0.1, does not count."
  ).pipe(Flag.withDefault(0.05, "5%")),
  all: Flag.flag("all", "Compare every figure, not only the most important ones."),
  markdown: Flag.flag("markdown", "Write a table in Markdown, for a comment on a pull request.")
}

export type CompareOptions = Flag.Given<typeof options>
