/** The help as JSON, which `scripts/build.ts` writes: `--help` loads neither @effect/cli nor any options. */
import { readFileSync } from "node:fs"
import { hasColours } from "../Colours.ts"
import { type HelpPage, render } from "./HelpPage.ts"

/** The pages by the words of the command: `""`, `"life"`, `"life record"`. */
export type HelpPages = Readonly<Record<string, HelpPage>>

/** The page that `argv` asks for, if `argv` is only a command and `--help`. */
export const asked = (argv: ReadonlyArray<string>, pages: HelpPages): HelpPage | undefined => {
  const last = argv.at(-1)
  const typed = argv.slice(0, -1).join(" ")
  return (last === "--help" || last === "-h") && Object.hasOwn(pages, typed) ? pages[typed] : undefined
}

const read = (file: URL): HelpPages => {
  try {
    return JSON.parse(readFileSync(file, "utf8"))
  } catch {
    // A program that runs from source has no such file. The command line then makes the page.
    return {}
  }
}

/** Writes the page that `argv` (without the program) asks for. Returns `false` if it asks for none and the command line must read the arguments. */
export const show = (argv: ReadonlyArray<string>, file: URL): boolean => {
  if (argv.at(-1) !== "--help" && argv.at(-1) !== "-h") return false
  const page = asked(argv, read(file))
  if (page === undefined) return false
  const { stdout } = process
  // A closed output is no error here.
  stdout.on("error", () => {})
  stdout.write(render(page, { columns: stdout.columns || 80, colours: hasColours(stdout) }))
  return true
}
