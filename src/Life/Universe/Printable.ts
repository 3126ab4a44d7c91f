/** Makes text from a file or a peer safe for an error message: one line, not too long, without control characters. */

const isPrintable = (char: string): boolean => !/[\p{C}\p{Zl}\p{Zp}]/u.test(char)

/** The character at a column, in quotes, or its code if it is not printable. */
export const charAt = (line: string, column: number): string => {
  const code = line.codePointAt(column)
  if (code === undefined) return "the end of the line"
  if (code === 0x20) return "a blank"
  const char = String.fromCodePoint(code)
  return isPrintable(char) ? `"${char}"` : `character U+${code.toString(16).toUpperCase().padStart(4, "0")}`
}

/** The first 40 characters of a text, in quotes. */
export const quote = (text: string): string => {
  const chars = Array.from(text.trim(), (char) => (isPrintable(char) ? char : "\u{fffd}"))
  return `"${chars.slice(0, 40).join("")}${chars.length > 40 ? "..." : ""}"`
}
