/** The list of what can be stamped on a drawing, and what is said of a stamp or a selection. */
import type { Grid } from "../../../src/Life/Universe/Grid.ts"
import type { PatternEntry } from "../../../src/Protocol/PatternList.ts"
import { element } from "../../Element.ts"
import { fromRows } from "../Model/Clip.ts"
import type { Sheet } from "../Model/Sheet.ts"

/** Describes what is held or selected, and where, in a sentence that is shown and read aloud. */
export const describeHeld = ({ held, outline }: Sheet): string => {
  if (outline === undefined || held._tag === "Nothing") return ""
  const { height, width, x, y } = outline
  const size = `${width} × ${height}`
  return held._tag === "Stamp"
    ? `${held.name}, ${size}, at row ${y}, column ${x}. Enter places it, R turns it, X and Y mirror it, Esc puts it away.`
    : `${size} cells selected from row ${y}, column ${x}. Shift and the arrows change it, Enter begins another.`
}

export class StampList {
  readonly #list = element("drawing-stamp", HTMLSelectElement)
  #patterns: ReadonlyArray<PatternEntry> = []
  #copied: Grid | undefined

  /** `onChoose` is called with what is chosen. */
  constructor(onChoose: (name: string, clip: Grid) => void) {
    this.#list.addEventListener("change", () => {
      const { value } = this.#list
      // The list is a menu: the same can be chosen again.
      this.#list.value = ""
      const pattern = this.#patterns.find(({ name }) => value === `pattern ${name}`)
      if (pattern !== undefined) onChoose(pattern.name, fromRows(pattern.rows))
      else if (this.#copied !== undefined) onChoose("The copied cells", this.#copied)
    })
  }

  set patterns(patterns: ReadonlyArray<PatternEntry>) {
    this.#patterns = patterns
    this.#fill()
  }

  set copied(clip: Grid) {
    this.#copied = clip
    this.#fill()
  }

  #fill(): void {
    this.#list.replaceChildren(
      new Option("Stamp…", ""),
      ...(this.#copied === undefined ? [] : [new Option("The copied cells", "copied")]),
      ...this.#patterns.map(({ name }) => new Option(name, `pattern ${name}`))
    )
  }
}
