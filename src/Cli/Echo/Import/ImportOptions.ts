import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as Options from "@effect/cli/Options"

export const options = {
  tool: Args.text({ name: "tool" }).pipe(Args.withDescription("What the script is for: artillery, k6.")),
  file: Args.text({ name: "file" }).pipe(Args.withDescription("The script.")),
  scenario: Options.text("scenario").pipe(
    Options.withDescription(
      "Of an Artillery script with several scenarios: the name, or number, of the one to convert. All of them unless given."
    ),
    Options.optional
  )
}

export type ImportOptions = Command.Command.ParseConfig<typeof options>
