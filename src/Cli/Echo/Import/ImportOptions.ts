import * as Flag from "../../Flag.ts"

export const options = {
  tool: Flag.argument("tool", "What the file is: a script of artillery or k6, or what a browser recorded (har).", [
    "artillery",
    "har",
    "k6"
  ]),
  file: Flag.argument("file", "The script or recording.", "file"),
  scenario: Flag.optionalText(
    "scenario",
    "NAME",
    "Of several scenarios the name (of Artillery also the number) of the one to convert, of several WebSockets of a recording the number. (default: all of them)"
  )
}

export type ImportOptions = Flag.Given<typeof options>
