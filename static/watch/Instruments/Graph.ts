/** A graph of one figure over time. */
import uPlot from "uplot"
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
const padding: uPlot.Padding = [8, 16, 0, 0]

/** The width of the longest label in pixels, in the font below. */
const labelWidth = (labels: ReadonlyArray<string> | null): number =>
  14 + 7 * Math.max(2, ...(labels ?? []).map((label) => label.length))

/** The time axis ends now. For a single sample uPlot would choose a range on both sides. */
const timeRange = (_: uPlot, from: number, to: number): uPlot.Range.MinMax =>
  to > 0 || from === to ? [-1, 0] : [from, to]

const fromZero = (_: uPlot, __: number, high: number): uPlot.Range.MinMax => [0, high > 0 ? high * 1.15 : 1]

/** The axis begins at 0, unless the line would then be flat. In that case the area below the line is not filled. */
const range = (_: uPlot, low: number, high: number): uPlot.Range.MinMax => {
  if (low === high) return [0, Math.max(1, 2 * high)]
  const top = high + (high - low) * 0.1
  if (low < 0.6 * high) return [0, top]
  return [Math.max(0, low - (high - low) * 0.2), top]
}

export class Graph {
  readonly #container: HTMLElement
  readonly #options: GraphOptions
  readonly #trail = new Trail()
  #plot: uPlot | undefined

  constructor(container: HTMLElement, options: GraphOptions) {
    this.#container = container
    this.#options = options
    new ResizeObserver(() => this.#plot?.setSize(this.#size)).observe(container)
  }

  /** Applies the colours of the page. Call it again when they change. */
  restyle(): void {
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    const { format, isRate, name } = this.#options
    const axis = {
      stroke: colour("--muted"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { show: false },
      font: "11px system-ui, sans-serif"
    }
    const fill = `color-mix(in srgb, ${colour("--accent")} 14%, transparent)`
    this.#plot?.destroy()
    this.#plot = new uPlot(
      {
        ...this.#size,
        padding,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false, range: timeRange }, y: { range: isRate ? fromZero : range } },
        axes: [
          { ...axis, size: 22, space: 64, incrs: timeSteps, values: (_, times) => times.map(ago) },
          {
            ...axis,
            size: (_, labels) => labelWidth(labels),
            space: 32,
            incrs: stepsFrom(isRate ? 0.1 : 1),
            values: (_, marks) => marks.map(format)
          }
        ],
        series: [
          {},
          {
            label: name,
            stroke: colour("--accent"),
            fill: (plot) => (plot.scales["y"]?.min === 0 ? fill : "transparent"),
            width: 1.5,
            points: { show: false }
          }
        ]
      },
      this.#data(),
      this.#container
    )
  }

  clear(): void {
    this.#trail.clear()
    this.#show()
  }

  /** Adds the value at a time in seconds; `null` leaves a gap. */
  add(seconds: number, value: number | null): void {
    if (this.#trail.add(seconds, value)) this.#show()
  }

  get #size(): { readonly width: number; readonly height: number } {
    return { width: Math.max(120, this.#container.clientWidth), height: Math.max(90, this.#container.clientHeight) }
  }

  #show(): void {
    this.#plot?.setData(this.#data())
    this.#container.setAttribute("aria-label", this.#description)
  }

  /** A description of the graph for screen readers. */
  get #description(): string {
    const { format, name } = this.#options
    const { times, values } = this.#trail
    const known = values.filter((value) => value !== null)
    const first = known[0]
    if (first === undefined) return `${name}: no data yet`
    const low = known.reduce((least, value) => Math.min(least, value))
    const high = known.reduce((most, value) => Math.max(most, value))
    const span = duration(1000 * Math.max(1, Math.round(times.at(-1)! - times[0]!)))
    return `${name} over the last ${span}: ${format(first)} at first, now ${format(known.at(-1)!)}, between ${format(low)} and ${format(high)}`
  }

  /** The times are relative to now, the time of the last sample. */
  #data(): uPlot.AlignedData {
    const { times, values } = this.#trail
    const now = times.at(-1) ?? 0
    return [times.map((time) => time - now), [...values]]
  }
}
