/** A graph of one figure over time, drawn on a canvas. */
import { duration } from "../Model/Format.ts"
import { Trail } from "../Model/Trail.ts"

export interface GraphOptions {
  /** The name of the figure, as the beginning of a sentence. */
  readonly name: string
  /** Formats a value for the axis and the description. */
  readonly format: (value: number) => string
  /** Whether it is a rate. The axis of a rate starts at 0, so that noise looks small, and may have fractions. */
  readonly isRate: boolean
}

/** Distances between marks on the axis: 1, 2 and 5 times the powers of ten, from `finest` on. */
const stepsFrom = (finest: number): Array<number> =>
  Array.from({ length: 36 }, (_, k) => [1, 2, 5][k % 3]! * 10 ** (Math.floor(k / 3) - 1)).filter(
    (step) => step >= finest
  )

/** Distances between marks on the time axis, in seconds. */
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400]

/** Formats a time before now, given in seconds. Whole minutes and hours are written as such. */
const ago = (seconds: number): string => {
  const before = Math.round(-seconds)
  if (before === 0) return "now"
  if (before % 3_600 === 0) return `−${before / 3_600} h`
  return before % 60 === 0 ? `−${before / 60} min` : `−${before} s`
}

/** Pixels around the plot. Half of the last label of the time axis is beyond its right end. */
const margin = { top: 8, right: 16, bottom: 22 }

const FONT = "11px system-ui, sans-serif"

/** The least pixels between two marks. */
const space = { x: 64, y: 32 }

interface Range {
  readonly min: number
  readonly max: number
}

/** The axis begins at 0, unless the line would then be flat. In that case the area below the line is not filled. */
const rangeOf = (values: ReadonlyArray<number>, isRate: boolean): Range => {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY)
  const high = values.reduce((most, value) => Math.max(most, value), 0)
  if (isRate) return { min: 0, max: high > 0 ? high * 1.15 : 1 }
  if (values.length === 0 || low === high) return { min: 0, max: Math.max(1, 2 * high) }
  const max = high + (high - low) * 0.1
  return { min: low < 0.6 * high ? 0 : Math.max(0, low - (high - low) * 0.2), max }
}

/** Multiples of the smallest of `steps` that leaves enough pixels between two marks, in rising order. */
const marksOf = ({ max, min }: Range, pixels: number, least: number, steps: ReadonlyArray<number>) => {
  const step = steps.find((each) => (each / (max - min)) * pixels >= least) ?? steps.at(-1)!
  const first = Math.ceil(min / step - 1e-9)
  return Array.from({ length: Math.floor(max / step + 1e-9) - first + 1 }, (_, k) => (first + k) * step)
}

export class Graph {
  readonly #container: HTMLElement
  readonly #canvas = document.createElement("canvas")
  readonly #options: GraphOptions
  readonly #trail = new Trail()
  #colours = { text: "", line: "", accent: "", fill: "" }

  constructor(container: HTMLElement, options: GraphOptions) {
    this.#container = container
    this.#options = options
    container.append(this.#canvas)
    new ResizeObserver(() => this.#draw()).observe(container)
  }

  /** Applies the colours of the page. Call it again when they change. */
  restyle(): void {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const accent = colour("--accent")
    this.#colours = {
      ...{ text: colour("--muted"), line: colour("--line"), accent },
      fill: `color-mix(in srgb, ${accent} 14%, transparent)`
    }
    this.#draw()
  }

  clear(): void {
    this.#trail.clear()
    this.#show()
  }

  /** Adds the value at a time in seconds; `null` leaves a gap. */
  add(seconds: number, value: number | null): void {
    if (this.#trail.add(seconds, value)) this.#show()
  }

  #show(): void {
    this.#draw()
    this.#container.setAttribute("aria-label", this.#description)
  }

  /** A description of the graph for screen readers. */
  get #description(): string {
    const { format, name } = this.#options
    const { times, values } = this.#trail
    const known = values.filter((value) => value !== null)
    const first = known[0]
    if (first === undefined) return `${name}: no data`
    const low = known.reduce((least, value) => Math.min(least, value))
    const high = known.reduce((most, value) => Math.max(most, value))
    const span = duration(1000 * Math.max(1, Math.round(times.at(-1)! - times[0]!)))
    return `${name} over the last ${span}: ${format(first)} at first, now ${format(known.at(-1)!)}, between ${format(low)} and ${format(high)}`
  }

  #draw(): void {
    const context = this.#canvas.getContext("2d")
    if (context === null) return
    const width = Math.max(120, this.#container.clientWidth)
    const height = Math.max(90, this.#container.clientHeight)
    const ratio = window.devicePixelRatio
    Object.assign(this.#canvas, { width: Math.round(width * ratio), height: Math.round(height * ratio) })
    context.scale(ratio, ratio)
    context.font = FONT
    const { format, isRate } = this.#options
    const { times, values } = this.#trail
    const now = times.at(-1) ?? 0
    const known = values.filter((value) => value !== null)
    context.strokeStyle = this.#colours.line
    context.fillStyle = this.#colours.text
    context.textBaseline = "middle"
    if (known.length === 0) {
      // Marks of an axis would be figures that nobody has measured.
      context.textAlign = "center"
      context.fillText("no data", width / 2, height / 2)
      return
    }
    // For a single sample the time axis has one second.
    const xs: Range = { min: Math.min((times[0] ?? 0) - now, times.length < 2 ? -1 : 0), max: 0 }
    const ys = rangeOf(known, isRate)
    const bottom = height - margin.bottom
    const labels = marksOf(ys, bottom - margin.top, space.y, stepsFrom(isRate ? 0.1 : 1)).map((mark) => ({
      mark,
      text: format(mark)
    }))
    const left = 12 + labels.reduce((most, { text }) => Math.max(most, context.measureText(text).width), 14)
    const right = width - margin.right
    const xOf = (time: number) => left + ((time - xs.min) / (xs.max - xs.min || 1)) * (right - left)
    const yOf = (value: number) => bottom - ((value - ys.min) / (ys.max - ys.min)) * (bottom - margin.top)
    const rule = (x: number, y: number, toX: number, toY: number) => {
      context.beginPath()
      context.moveTo(Math.round(x) + 0.5, Math.round(y) + 0.5)
      context.lineTo(Math.round(toX) + 0.5, Math.round(toY) + 0.5)
      context.stroke()
    }
    context.textAlign = "right"
    for (const { mark, text } of labels) {
      rule(left, yOf(mark), right, yOf(mark))
      context.fillText(text, left - 6, yOf(mark))
    }
    context.textAlign = "center"
    for (const mark of marksOf(xs, right - left, space.x, timeSteps)) {
      rule(xOf(mark), margin.top, xOf(mark), bottom)
      // The label of a mark at the left end would lie over those of the other axis.
      context.fillText(ago(mark), xOf(mark), bottom + 13)
    }
    this.#drawLine(context, (index) => [xOf(times[index]! - now), yOf(values[index]!)], bottom, ys.min === 0)
  }

  /** Draws the line with its gaps, and the area below it. */
  #drawLine(
    context: CanvasRenderingContext2D,
    at: (index: number) => readonly [x: number, y: number],
    bottom: number,
    isFilled: boolean
  ): void {
    const { values } = this.#trail
    context.strokeStyle = this.#colours.accent
    context.fillStyle = this.#colours.fill
    context.lineJoin = "round"
    for (let from = 0; from < values.length; from++) {
      if (values[from] === null) continue
      let to = from
      while (to + 1 < values.length && values[to + 1] !== null) to++
      context.beginPath()
      for (let index = from; index <= to; index++) context.lineTo(...at(index))
      // A single value has no line, but a dot without a hole.
      if (from === to) context.arc(...at(from), 1.5, 0, 2 * Math.PI)
      context.lineWidth = from === to ? 3 : 1.5
      context.stroke()
      if (isFilled) {
        context.lineTo(at(to)[0], bottom)
        context.lineTo(at(from)[0], bottom)
        context.fill()
      }
      from = to
    }
  }
}
