/** The list of stamps for a drawing, and the description of a stamp or a selection. */
import type { Grid } from "../../../src/Life/Universe/Grid.ts"
import type { PatternEntry } from "../../../src/Protocol/PatternList.ts"
import { element } from "../../Element.ts"
import { fromRows } from "../Model/Clip.ts"
import type { Sheet } from "../Model/Sheet.ts"

/** The held pattern or the selection and its place, and the keys for it. The page shows this, and screen readers read it. */
export const describeTool = ({ tool, outline }: Sheet): { readonly what: string; readonly keys: string } => {
  if (outline === undefined || tool._tag === "Nothing") return { what: "", keys: "" }
  const { height, width, x, y } = outline
  const size = `${width} × ${height}`
  return tool._tag === "Stamp"
    ? {
        what: `${tool.name}, ${size}, at row ${y}, column ${x}.`,
        keys: " Enter places it, R rotates it, X and Y mirror it, Esc removes it."
      }
    : {
        what: `${size} cells selected from row ${y}, column ${x}.`,
        keys: " Shift with arrow keys changes the selection, Enter begins another."
      }
}

export class StampList {
  readonly #list = element("drawing-stamp", HTMLSelectElement)
  #patterns: ReadonlyArray<PatternEntry> = []
  #copied: Grid | undefined

  /** `onChoose` is called with the chosen pattern. */
  constructor(onChoose: (name: string, clip: Grid) => void) {
    this.#list.addEventListener("change", () => {
      const { value } = this.#list
      // The list works like a menu, so the same entry can be chosen again.
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
