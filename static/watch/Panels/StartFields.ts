/** The fields of the start panel: the grid, the rule, the edges, the speed, and where the first generation comes from. */
import type { GameRequest } from "../../../src/Protocol/Control.ts"
import { element } from "../../Element.ts"
import type { Size } from "../Model/Viewport.ts"

/** Chooses a value of a list, and adds it if the list does not have it. */
const choose = (list: HTMLSelectElement, value: string): void => {
  if (![...list.options].some((option) => option.value === value)) list.add(new Option(value, value))
  list.value = value
}

/** Raises a number to `least`; also if the field is empty. */
const raise = (field: HTMLInputElement, least: number): void => {
  if (!(field.valueAsNumber >= least)) field.value = String(least)
}

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

  /** Not a number where a field is empty. */
  get size(): Size {
    return { width: this.#width.valueAsNumber, height: this.#height.valueAsNumber }
  }

  set size({ height, width }: Size) {
    this.#width.value = String(width)
    this.#height.value = String(height)
  }

  /** Makes the grid as large as `size`, unless it is larger. */
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

  set edges(topology: string) {
    choose(this.#edges, topology)
  }

  set speed(stepsASecond: number) {
    choose(this.#speed, String(stepsASecond))
  }

  /** The share of living cells of a random start. */
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

  /** All of a game but its first generation. */
  get universe(): Omit<GameRequest, "start"> {
    return { ...this.size, rule: this.rule, topology: this.#edges.value, speed: Number(this.#speed.value) }
  }

  /** Shows the fields of the source that is chosen, the density, and the problem with the rule, if there is one. */
  show(ruleProblem: string | undefined): void {
    const { source } = this
    for (const part of this.form.querySelectorAll<HTMLElement>("[data-source]"))
      part.hidden = part.getAttribute("data-source") !== source
    this.#densityText.textContent = `${this.#density.value} %`
    this.#ruleProblem.textContent = ruleProblem ?? ""
    this.#rule.setAttribute("aria-invalid", String(ruleProblem !== undefined))
  }
}
