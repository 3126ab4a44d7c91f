import * as Flag from "../../Flag.ts"

export const options = {
  tool: Flag.argument("tool", "The tool that the script is for: artillery or k6.", ["artillery", "k6"]),
  file: Flag.argument("file", "The script.", "file"),
  scenario: Flag.optionalText(
    "scenario",
    "NAME",
    "For a script of Artillery with several scenarios: the name or the number of the one to convert. (default: all of them)"
  )
}

export type ImportOptions = Flag.Given<typeof options>
