/** Reads a pattern of any format. The format is recognised by the text; the name of the file does not matter. */

import * as Printable from "../Universe/Printable.ts"
import { limits } from "./CellRuns.ts"
import { life105 } from "./Life105.ts"
import { life106 } from "./Life106.ts"
import { macrocell } from "./Macrocell.ts"
import { mcell } from "./MCell.ts"
import { fail, type PatternFormat, type Result, type Source, source } from "./PatternReader.ts"
import { cells, drawing } from "./PlainText.ts"
import { rle } from "./Rle.ts"

/** The first line of a text that is not blank, and its number. */
const firstLine = ({ lines }: Source): readonly [number: number, text: string] => {
  const number = lines.findIndex((line) => line.trim() !== "")
  return [number, lines[number]?.trim() ?? ""]
}

/** A kind of text that users mistake for a pattern. */
const refused = (
  recognises: PatternFormat["recognises"],
  found: (first: string) => string,
  expected: string
): PatternFormat => ({
  extensions: [],
  recognises,
  read: (source) => {
    const [number, first] = firstLine(source)
    return fail(source, number, 0, found(first), expected)
  }
})

/**
 * Whether a text has too many different letters or digits for a drawing: it is a word, a message, or data in another format. Several
 * rows may have two kinds of letters, a word that stands alone is none.
 */
const isProse = (_: string, { lines }: Source): boolean => {
  const text = lines.slice(0, 100).join("\n").slice(0, 10_000).trim().toLowerCase()
  const kindsOf = (kind: RegExp): number => new Set(text.match(kind)).size
  return kindsOf(/\p{L}/gu) > (text.includes("\n") ? 2 : 1) || kindsOf(/\p{N}/gu) > 2
}

const ANY_PATTERN = "a pattern: RLE, .cells, or a drawing with . or blank for a dead cell and O for a live one"

/** Texts have no such character, and pictures, archives and texts in UTF-16 do. */
const isBinary = (_: string, { lines }: Source): boolean => lines.some((line) => line.includes("\0"))

/** The first format that recognises a text reads it. The order is Golly's. */
const formats: ReadonlyArray<PatternFormat> = [
  refused(isBinary, () => "bytes that are not text", ANY_PATTERN),
  life105,
  life106,
  refused((first) => first.startsWith("#Life"), Printable.quote, "#Life 1.05 or #Life 1.06"),
  mcell,
  macrocell,
  refused(
    (first) => /^<(!doctype|html|head|body|\?xml)\b/i.test(first),
    () => "a web page",
    "a pattern: open the page again and save the file of its RLE or .cells link"
  ),
  // JSON, however short.
  refused((first) => first.startsWith("{"), Printable.quote, ANY_PATTERN),
  rle,
  cells,
  refused(isProse, Printable.quote, ANY_PATTERN),
  drawing
]

/** The end of a file name in the library, which is no part of the pattern's name. */
export const extension = new RegExp(`\\.(${formats.flatMap(({ extensions }) => extensions).join("|")})$`, "i")

/** `name` is used in errors: a file name, or "standard input". */
export const read = (text: string, name: string): Result => {
  if (text.length > limits.characters) {
    return fail({ name, lines: [] }, 0, 0, `${text.length} characters`, `at most ${limits.characters}`)
  }
  const from = source(name, text)
  const [, first] = firstLine(from)
  return (formats.find(({ recognises }) => recognises(first, from)) ?? drawing).read(from)
}
