/** The fields of the start panel: grid, rule, edges, speed, and the source of the first generation. */
import type { GameRequest } from "../../../src/Protocol/Control.ts"
import { element } from "../../Element.ts"
import type { Size } from "../Model/Viewport.ts"

/** Selects a value of a list. Adds the value if the list does not have it, with the words for it. */
const choose = (list: HTMLSelectElement, value: string, words = value): void => {
  if (![...list.options].some((option) => option.value === value)) list.add(new Option(words, value))
  list.value = value
}

/** Sets a number to at least `least`, also if the field is empty. */
const raise = (field: HTMLInputElement, least: number): void => {
  if (!(field.valueAsNumber >= least)) field.value = String(least)
}

/** Edges in Golly's notation contain the size of the grid, which the viewer may have changed: `T30+5,20`. */
const sizedEdges = (edges: string, { height, width }: Size): string =>
  edges.replace(
    /^:?([a-z]+)\d+(\*?(?:[+-]\d*)?)(,\d+(\*?(?:[+-]\d*)?))?$/i,
    (_, surface, across, __, down = "") => `${surface}${width}${across},${height}${down}`
  )

export class StartFields {
  readonly form = element("start-form", HTMLFormElement)
  readonly #width = element("width", HTMLInputElement)
  readonly #height = element("height", HTMLInputElement)
  readonly #rule = element("rule", HTMLInputElement)
  readonly #edges = element("edges", HTMLSelectElement)
  readonly #speed = element("speed", HTMLSelectElement)
  readonly #density = element("density", HTMLInputElement)
  readonly #densityText = element("density-text", HTMLOutputElement)
  readonly #ruleProblem = element("rule-problem", HTMLElement)

  /** The size of the grid. An empty field gives `NaN`. */
  get size(): Size {
    return { width: this.#width.valueAsNumber, height: this.#height.valueAsNumber }
  }

  set size({ height, width }: Size) {
    this.#width.value = String(width)
    this.#height.value = String(height)
  }

  /** Makes the grid at least as large as `size`. */
  growTo({ height, width }: Size): void {
    raise(this.#width, width)
    raise(this.#height, height)
  }

  get rule(): string {
    return this.#rule.value.trim()
  }

  set rule(rule: string) {
    this.#rule.value = rule
  }

  get edges(): string {
    return this.#edges.value
  }

  set edges(topology: string) {
    choose(this.#edges, topology)
  }

  set speed(stepsASecond: number) {
    choose(this.#speed, String(stepsASecond), `${stepsASecond.toLocaleString("en")} a second`)
  }

  /** The part of live cells of a random start, from 0 to 1. */
  get density(): number {
    return this.#density.valueAsNumber / 100
  }

  set density(share: number) {
    this.#density.value = String(Math.round(share * 100))
  }

  get source(): string {
    return String(new FormData(this.form).get("source"))
  }

  set source(source: "pattern" | "random" | "drawn") {
    for (const radio of this.form.querySelectorAll<HTMLInputElement>('[name="source"]'))
      radio.checked = radio.value === source
  }

  /** Gives the focus to the chosen source. A dialog that opens gives it to the first one of the group. */
  focus(): void {
    this.form.querySelector<HTMLInputElement>('[name="source"]:checked')?.focus()
  }

  /** All settings of a game except its first generation. */
  get universe(): Omit<GameRequest, "start"> {
    return {
      ...this.size,
      rule: this.rule,
      topology: sizedEdges(this.#edges.value, this.size),
      speed: Number(this.#speed.value)
    }
  }

  /** Shows the fields of the chosen source, the density, and what is wrong with the rule and the edges, if anything is. */
  show(ruleProblem: string | undefined, edgesProblem: string | undefined): void {
    const { source } = this
    for (const part of this.form.querySelectorAll<HTMLElement>("[data-source]"))
      part.hidden = part.getAttribute("data-source") !== source
    this.#densityText.textContent = `${this.#density.value} %`
    this.#ruleProblem.textContent = ruleProblem ?? edgesProblem ?? ""
    this.#rule.setAttribute("aria-invalid", String(ruleProblem !== undefined))
    this.#edges.setAttribute("aria-invalid", String(edgesProblem !== undefined))
  }
}
