/**
 * The help that the package brings along as JSON: so a question for help loads neither @effect/cli nor the options of any
 * command. `scripts/build.ts` writes it.
 */
import { readFileSync } from "node:fs"
import { hasColours } from "../Colours.ts"
import { type HelpPage, render } from "./HelpPage.ts"

/** Pages by what is typed for their commands: `""`, `"life"`, `"life record"`. */
export type HelpPages = Readonly<Record<string, HelpPage>>

/** The page that `argv` asks for, if it names a command and then `--help`, and nothing else. */
export const asked = (argv: ReadonlyArray<string>, pages: HelpPages): HelpPage | undefined => {
  const last = argv.at(-1)
  const typed = argv.slice(0, -1).join(" ")
  return (last === "--help" || last === "-h") && Object.hasOwn(pages, typed) ? pages[typed] : undefined
}

const read = (file: URL): HelpPages => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    // From source there is no such file: the command line makes the page.
    return {}
  }
}

/** Writes the page that `argv` (without the program) asks for; `false` if the command line has to read the arguments itself. */
export const show = (argv: ReadonlyArray<string>, file: URL): boolean => {
  if (argv.at(-1) !== "--help" && argv.at(-1) !== "-h") return false
  const page = asked(argv, read(file))
  if (page === undefined) return false
  const { stdout } = process
  // Nobody reads on: what was asked for has been said.
  stdout.on("error", () => {})
  stdout.write(render(page, { columns: stdout.columns || 80, colours: hasColours(stdout) }))
  return true
}
