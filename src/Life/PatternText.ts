/**
 * Reads a pattern of any format; which one it is shows in its text, whatever the file is called.
 */
import { limits } from "./CellRuns.ts"
import { fail, type Result, source } from "./PatternReader.ts"
import * as PlainText from "./PlainText.ts"

/** `name` is what errors call the text: a file name, or "standard input". */
export const read = (text: string, name: string): Result => {
  const from = source(name, text.length <= limits.characters ? text : "")
  if (text.length > limits.characters) {
    return fail(from, 0, 0, `${text.length} characters`, `at most ${limits.characters}`)
  }
  const first = from.lines.find((line) => line.trim() !== "")?.trimStart() ?? ""
  if (first.startsWith("!")) return PlainText.readCells(from)
  return PlainText.readBare(from)
}
