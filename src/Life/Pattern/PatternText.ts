/**
 * Reads a pattern of any format. The format is recognised by the text; the name of the file does not matter.
 */

import * as Printable from "../Universe/Printable.ts"
import { limits } from "./CellRuns.ts"
import * as Life105 from "./Life105.ts"
import * as Life106 from "./Life106.ts"
import * as Macrocell from "./Macrocell.ts"
import * as MCell from "./MCell.ts"
import { fail, type Result, type Source, source } from "./PatternReader.ts"
import * as PlainText from "./PlainText.ts"
import * as Rle from "./Rle.ts"

/** `name` is used in errors: a file name, or "standard input". */
export const read = (text: string, name: string): Result => {
  if (text.length > limits.characters) {
    return fail({ name, lines: [] }, 0, 0, `${text.length} characters`, `at most ${limits.characters}`)
  }
  const from = source(name, text)
  const at = from.lines.findIndex((line) => line.trim() !== "")
  return at === -1 ? PlainText.readBare(from) : readKnown(from, at, from.lines[at]!.trim())
}

/** `first` is the first line that is not blank. The order of the tests is Golly's. */
const readKnown = (from: Source, at: number, first: string): Result => {
  if (first.startsWith("#Life 1.05") || /^#P\s/.test(first)) return Life105.read(from)
  if (first.startsWith("#Life 1.06")) return Life106.read(from)
  if (first.startsWith("#Life")) return fail(from, at, 0, Printable.quote(first), "#Life 1.05 or #Life 1.06")
  if (first.startsWith("#MCell")) return MCell.read(from)
  if (first.startsWith("[M2]")) return Macrocell.read(from)
  if (/^<(!doctype|html|head|body|\?xml)\b/i.test(first)) {
    return fail(from, at, 0, "a web page", "a pattern: open the page again and save the file of its RLE or .cells link")
  }
  // In a drawing, # may be a live cell.
  if (first.startsWith("#") && !from.lines.every((line) => /^[#. ]*$/.test(line))) return Rle.read(from)
  if (/^x[\s=]/i.test(first) || isHeaderlessRle(from)) return Rle.read(from)
  return first.startsWith("!") ? PlainText.readCells(from) : PlainText.readBare(from)
}

/** Whether the text has only characters of RLE. It must also have a count or the final `!`, because otherwise it could be a drawing. */
const isHeaderlessRle = ({ lines }: Source): boolean => {
  const text = lines.join("\n")
  const end = text.indexOf("!")
  const cells = end === -1 ? text : text.slice(0, end)
  return /^[0-9bo$\s]*$/.test(cells) && (end > 0 || /[0-9]/.test(cells)) && cells.trim() !== ""
}
