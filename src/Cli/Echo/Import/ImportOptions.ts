import * as Args from "@effect/cli/Args"
import type * as Command from "@effect/cli/Command"
import * as OptionKinds from "../../OptionKinds.ts"

export const options = {
  tool: Args.text({ name: "tool" }).pipe(Args.withDescription("The tool that the script is for: artillery or k6.")),
  file: Args.text({ name: "file" }).pipe(Args.withDescription("The script.")),
  scenario: OptionKinds.optionalText(
    "scenario",
    "NAME",
    "For a script of Artillery with several scenarios: the name or the number of the one to convert. (default: all of them)"
  )
}

export type ImportOptions = Command.Command.ParseConfig<typeof options>
