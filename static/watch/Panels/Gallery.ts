/** The pattern library as pictures, with a search. */
import type { PatternEntry } from "../../../src/Protocol/PatternList.ts"
import { element } from "../../Element.ts"

/** The first patterns: a pretty one, one that grows for ever, and a surprising one. */
const leading = ["galaxy", "gosper", "acorn"]

/** The groups in their order, each with the kinds of patterns that it has. The last one has all others. */
const groups: ReadonlyArray<readonly [title: string, kinds: ReadonlyArray<string>]> = [
  ["Good to begin with", []],
  ["Spaceships", ["Spaceship"]],
  ["Guns, rakes and puffers", ["Gun", "Rake", "Puffer"]],
  ["Methuselahs: small, and long to settle", ["Methuselah"]],
  ["Oscillators", ["Oscillator"]],
  ["Still lifes", ["Still life"]],
  ["Others", []]
]

const groupOf = ({ kind, name }: PatternEntry): number => {
  if (leading.includes(name)) return 0
  const at = groups.findIndex(([, kinds]) => kind !== undefined && kinds.includes(kind))
  return at < 0 ? groups.length - 1 : at
}

/** Patterns in the order of their groups; the first ones in their own order. */
const rank = (pattern: PatternEntry): number => {
  const group = groupOf(pattern)
  return group === 0 ? leading.indexOf(pattern.name) : leading.length + group
}

interface Card {
  readonly group: number
  readonly pattern: PatternEntry
  readonly label: HTMLElement
  readonly radio: HTMLInputElement
  readonly picture: HTMLCanvasElement
}

const cardFor = (pattern: PatternEntry): Card => {
  const label = document.createElement("label")
  label.className = "pattern"
  const radio = document.createElement("input")
  radio.type = "radio"
  radio.name = "pattern"
  radio.value = pattern.name
  const picture = document.createElement("canvas")
  picture.width = 144
  picture.height = 96
  picture.setAttribute("aria-hidden", "true")
  const name = document.createElement("span")
  name.textContent = pattern.name
  label.append(radio, picture, name)
  return { group: groupOf(pattern), pattern, label, radio, picture }
}

/** A small picture of a pattern. */
const drawPreview = (canvas: HTMLCanvasElement, rows: ReadonlyArray<string>): void => {
  const context = canvas.getContext("2d")
  if (context === null) return
  const width = Math.max(1, ...rows.map((row) => row.length))
  const scale = Math.min(canvas.width / (width + 2), canvas.height / (rows.length + 2), 14 * window.devicePixelRatio)
  const left = (canvas.width - width * scale) / 2
  const top = (canvas.height - rows.length * scale) / 2
  const gap = scale > 4 ? 1 : 0
  context.clearRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = getComputedStyle(canvas).color
  rows.forEach((row, y) => {
    ;[...row].forEach((cell, x) => {
      if (cell === ".") return
      // Dying cells are half transparent.
      context.globalAlpha = cell === "O" || cell === "A" ? 1 : 0.5
      context.fillRect(left + x * scale, top + y * scale, scale - gap, scale - gap)
    })
  })
}

export class Gallery {
  readonly #container = element("gallery", HTMLElement)
  readonly #search = element("pattern-search", HTMLInputElement)
  readonly #none = element("pattern-none", HTMLElement)
  #cards: ReadonlyArray<Card> = []
  /** The heading of each group. */
  readonly #titles = groups.map(([title]) => Object.assign(document.createElement("h3"), { textContent: title }))

  /** `onChoose` is called when the viewer chooses another pattern. */
  constructor(onChoose: (pattern: PatternEntry) => void) {
    this.#container.addEventListener("change", () => {
      const { chosen } = this
      if (chosen !== undefined) onChoose(chosen)
    })
    this.#search.addEventListener("input", () => this.#filter())
    this.#search.addEventListener("keydown", (event) => {
      // Enter chooses the first pattern that was found. It must not start the game.
      if (event.key !== "Enter") return
      event.preventDefault()
      this.#cards.find(({ label }) => !label.hidden)?.radio.click()
    })
  }

  get chosen(): PatternEntry | undefined {
    return this.#cards.find(({ radio }) => radio.checked)?.pattern
  }

  /** Chooses a pattern by its name. Returns whether there is one. */
  choose(name: string): boolean {
    const card = this.#cards.find(({ pattern }) => pattern.name === name)
    if (card !== undefined) card.radio.checked = true
    return card !== undefined
  }

  set patterns(patterns: ReadonlyArray<PatternEntry>) {
    const before = this.chosen?.name
    const ordered = [...patterns].sort((a, b) => rank(a) - rank(b))
    // A server that came back has the same ones, and the viewer may be among them.
    if (ordered.map(({ name }) => name).join() === this.#cards.map(({ pattern }) => pattern.name).join()) return
    this.#cards = ordered.map(cardFor)
    this.#container.replaceChildren(
      ...this.#titles.flatMap((title, group) => [
        title,
        ...this.#cards.filter((card) => card.group === group).map(({ label }) => label)
      ])
    )
    const [first] = this.#cards
    if ((before === undefined || !this.choose(before)) && first !== undefined) first.radio.checked = true
    this.#filter()
    // The viewer may have opened the panel before the patterns came.
    if (this.#container.checkVisibility()) this.draw()
  }

  /** Draws the pictures in the current colours of the page. Nobody sees them while the panel is closed. */
  draw(): void {
    for (const { pattern, picture } of this.#cards) drawPreview(picture, pattern.rows)
  }

  #filter(): void {
    const words = this.#search.value.toLowerCase().split(/\s+/)
    let found = 0
    for (const { label, pattern } of this.#cards) {
      const text = `${pattern.name} ${pattern.about}`.toLowerCase()
      label.hidden = !words.every((word) => text.includes(word))
      if (!label.hidden) found++
    }
    const seen = new Set(this.#cards.filter(({ label }) => !label.hidden).map(({ group }) => group))
    this.#titles.forEach((title, group) => {
      title.hidden = seen.size < 2 || !seen.has(group)
    })
    this.#none.hidden = found > 0
  }
}
