/** The help of a command as data, and how to format it for a terminal. */
import { wrap } from "../Table.ts"

export interface HelpEntry {
  /** An option with its value (`-s, --size N`), an argument, a command, or an example to type. */
  readonly term: string
  readonly text: string
}

export interface HelpSection {
  readonly title: string
  readonly entries: ReadonlyArray<HelpEntry>
}

export interface HelpPage {
  /** The usage: `effect-c10k life record [OPTIONS] FILE`. */
  readonly usage: string
  readonly description: string
  readonly examples: ReadonlyArray<HelpEntry>
  readonly sections: ReadonlyArray<HelpSection>
  /** Notes about several options, at the end. */
  readonly notes: ReadonlyArray<string>
}

export interface HelpStyle {
  readonly columns: number
  readonly colours: boolean
}

/** Texts start in this column. A longer term has its own line. */
const TEXT_COLUMN = 28

/** The longest line, even on a wider terminal, because longer lines are harder to read. */
const LONGEST_LINE = 100
const SHORTEST_LINE = 40

const entryLines = ({ term, text }: HelpEntry, width: number, strong: (text: string) => string) => {
  const column = Math.min(TEXT_COLUMN, Math.floor(width / 3))
  const texts = wrap(text, width - column)
  const isShort = term.length + 4 <= column
  const first = isShort ? `  ${strong(term)}${" ".repeat(column - 2 - term.length)}${texts[0]}` : `  ${strong(term)}`
  return [first, ...texts.slice(isShort ? 1 : 0).map((line) => " ".repeat(column) + line)]
}

/** The description of an example is on the line above it, so that the example can be copied as a line. */
const exampleLines = ({ term, text }: HelpEntry, width: number, strong: (text: string) => string) => [
  ...wrap(text, width - 4).map((line) => `  # ${line}`),
  `  ${strong(term)}`
]

/** The page as text, with a line break at the end. */
export const render = (page: HelpPage, style: HelpStyle): string => {
  const width = Math.max(SHORTEST_LINE, Math.min(LONGEST_LINE, style.columns))
  const strong = (text: string) => (style.colours ? `\u001b[1m${text}\u001b[22m` : text)
  const blocks = [
    wrap(page.description, width),
    [`${strong("Usage:")} ${page.usage}`],
    page.examples.length === 0
      ? []
      : [strong("Examples:"), ...page.examples.flatMap((example) => exampleLines(example, width, strong))],
    ...page.sections.map(({ entries, title }) => [
      strong(`${title}:`),
      ...entries.flatMap((entry) => entryLines(entry, width, strong))
    ]),
    ...page.notes.map((note) => wrap(note, width))
  ]
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`
}
