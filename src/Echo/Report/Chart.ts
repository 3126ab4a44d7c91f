import * as Count from "../../Text/Count.ts"
import { format as formatMillis } from "../../Text/Milliseconds.ts"

/** The values of a line, one for each position; `null` leaves a gap. */
type Values = ReadonlyArray<number | null>

interface Series {
  readonly name: string
  readonly colour: string
  readonly values: Values
}

export interface Chart {
  readonly title: string
  readonly format: (value: number) => string
  /** The horizontal position of each value, and how to label a position. */
  readonly x: ReadonlyArray<number>
  readonly formatX: (x: number) => string
  /** Positions to label, if round numbers do not fit. */
  readonly ticks?: ReadonlyArray<number>
  readonly series: ReadonlyArray<Series>
  /** Whether the vertical axis is logarithmic, for times that differ by orders of magnitude. */
  readonly logarithmic?: boolean
}

/** Colours of lines, for light and dark pages. */
export const BLUE = "#2563eb"
export const GREEN = "#15803d"
export const RED = "#dc2626"
export const AMBER = "#b45309"
export const GREY = "#6b7280"

const WIDTH = 860
/** The width of a drawing for a phone: its text is not scaled down there. */
const NARROW_WIDTH = 330
const HEIGHT = 240
export const LEFT = 76
export const RIGHT = 28
const TOP = 10
const BOTTOM = 26
/** The height of the drawing itself. */
export const INSIDE = HEIGHT - TOP - BOTTOM

/** The vertical place of a value: 0 is at the bottom, and 1 at the top. */
export const placeOf = (share: number): number => HEIGHT - BOTTOM - share * INSIDE

/** A line across the drawing at the place of a value, with its label. */
export const gridLine = (share: number, label: string, width: number): string => {
  const y = placeOf(share).toFixed(1)
  return `<line class="grid" x1="${LEFT}" x2="${width - RIGHT}" y1="${y}" y2="${y}"/><text x="${LEFT - 8}" y="${y}" dy="4" text-anchor="end">${escapeHtml(label)}</text>`
}

export const labelBelow = (x: number, label: string): string =>
  `<text x="${x.toFixed(1)}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(label)}</text>`

/** A drawing with its title and legend, which is HTML. */
export const figure = (title: string, legend: string, drawing: string, width: number, className = ""): string =>
  `<figure tabindex="0"><figcaption><b>${escapeHtml(title)}</b><span class="legend">${legend}</span><output></output></figcaption>
<svg${className === "" ? "" : ` class="${className}"`} viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${escapeHtml(title)}">${drawing}</svg></figure>`

export const escapeHtml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

/** About `count` round numbers from 0 to at least `max`. */
export const linearTicks = (max: number, count: number): ReadonlyArray<number> => {
  const raw = Math.max(max, 1e-9) / count
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10)
  // Without rounding, 3 * 0.2 is 0.6000000000000001.
  return Array.from({ length: Math.ceil(max / step - 1e-9) + 1 }, (_, i) => Number((i * step).toPrecision(12)))
}

/** The powers of ten around `min` and `max`. */
export const logTicks = (min: number, max: number): ReadonlyArray<number> => {
  const low = Math.floor(Math.log10(min))
  const high = Math.max(low + 1, Math.ceil(Math.log10(max)))
  return Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i))
}

/** How many positions are labelled below a chart. */
export const ticksAlong = (width: number): number => Math.max(2, Math.round(width / 108))

interface Label {
  readonly at: number
  readonly label: string
}

/** The labels without those that would touch the one before. A digit is about seven wide. */
const apart = (labels: ReadonlyArray<Label>): ReadonlyArray<Label> => {
  let free = Number.NEGATIVE_INFINITY
  return labels.filter(({ at, label }) => {
    const half = (7 * label.length) / 2
    if (at - half < free) return false
    free = at + half
    return true
  })
}

const path = (points: ReadonlyArray<readonly [x: number, y: number] | null>): string => {
  let command = "M"
  return points
    .map((point) => {
      const part = point === null ? "" : `${command}${point[0].toFixed(1)} ${point[1].toFixed(1)}`
      command = point === null ? "M" : "L"
      return part
    })
    .join("")
}

/** The most places at which a chart tells its values. */
const MAX_BANDS = 240

/** Invisible bands, one for each place, for `ChartCursor`: the one under the pointer is lit, and tells the values there. */
const bandsOf = ({ format, formatX, series, x }: Chart, xOf: (x: number) => number): string => {
  const stride = Math.ceil(x.length / MAX_BANDS)
  // The same seconds while a long chart goes on, so that a cursor stays.
  const first = Math.round(x[0] ?? 0)
  const places = x.flatMap((place, index) => ((first + index) % stride === 0 ? [{ at: xOf(place), place, index }] : []))
  const bands = places.map(({ at, index, place }, k) => {
    const left = k === 0 ? at : (places[k - 1]!.at + at) / 2
    const right = k === places.length - 1 ? at : (places[k + 1]!.at + at) / 2
    const values = series.flatMap(({ name, values }) => {
      const value = values[index] ?? null
      return value === null ? [] : [`${name} ${format(value)}`]
    })
    const text = `${formatX(place) || "here"}: ${values.length === 0 ? "nothing" : values.join(", ")}`
    return `<rect x="${(left - 0.5).toFixed(1)}" width="${(right - left + 1).toFixed(1)}" y="${TOP}" height="${INSIDE}" fill-opacity="0" data-tip="${escapeHtml(text)}"/>`
  })
  return `<g class="bands">${bands.join("")}</g>`
}

/** Drawings for a wide page and for a phone's, one of which is seen. A page that no script draws needs both. */
export const inTwoWidths = (draw: (width: number) => string): string =>
  `<div class="broad">${draw(WIDTH)}</div><div class="slim">${draw(NARROW_WIDTH)}</div>`

/** A line chart as inline SVG, with its legend as HTML above it. `width` is in units of the SVG, in which text is 12 high. */
export const render = (chart: Chart, width: number): string => {
  const all = chart.series.flatMap((series) => series.values.flatMap((value) => (value === null ? [] : [value])))
  if (all.length === 0 || chart.x.length === 0) return ""
  const positive = all.filter((value) => value > 0)
  const logarithmic = chart.logarithmic === true && positive.length > 0
  const ticks = logarithmic ? logTicks(Math.min(...positive), Math.max(...positive)) : linearTicks(Math.max(...all), 4)
  const [bottom, top] = [ticks[0]!, ticks.at(-1)!]
  const share = (value: number): number =>
    logarithmic ? Math.log10(Math.max(value, bottom) / bottom) / Math.log10(top / bottom) : value / (top || 1)
  const [from, to] = [Math.min(...chart.x), Math.max(...chart.x)]
  const xOf = (x: number): number => LEFT + ((x - from) / (to - from || 1)) * (width - LEFT - RIGHT)
  const grid = ticks.map((tick) => gridLine(share(tick), chart.format(tick), width))
  const places =
    chart.ticks ??
    (to - from > ticksAlong(width) ? linearTicks(to, ticksAlong(width)).filter((tick) => tick >= from) : chart.x)
  const below = apart(places.filter((x) => x <= to).map((x) => ({ at: xOf(x), label: chart.formatX(x) }))).map(
    ({ at, label }) => labelBelow(at, label)
  )
  const lines = chart.series.map(({ colour, name, values }) => {
    const points = values.map((value, i) =>
      value === null ? null : ([xOf(chart.x[i]!), placeOf(share(value))] as const)
    )
    // No line goes to a value without a neighbour, such as that of the one reply in a minute.
    const dots = points.map((point, i) =>
      point === null || (points[i - 1] ?? points[i + 1] ?? null) !== null
        ? ""
        : `<circle cx="${point[0].toFixed(1)}" cy="${point[1].toFixed(1)}" r="3" fill="${colour}"/>`
    )
    return `<path d="${path(points)}" stroke="${colour}" fill="none" stroke-width="1.75"><title>${escapeHtml(name)}</title></path>${dots.join("")}`
  })
  const legend = chart.series.map(
    ({ colour, name }) =>
      `<span><svg class="swatch" viewBox="0 0 1 1" aria-hidden="true"><rect width="1" height="1" fill="${colour}"/></svg>${escapeHtml(name)}</span>`
  )
  return figure(chart.title, legend.join(""), [...grid, ...below, ...lines, bandsOf(chart, xOf)].join(""), width)
}

type Axis = Pick<Chart, "title" | "x" | "formatX">

/** A chart of round trips, in milliseconds. */
export const renderTimes = (axis: Axis, p50: Values, p99: Values, max: Values, width: number): string => {
  const series = [
    { name: "p50", colour: GREEN, values: p50 },
    { name: "p99", colour: AMBER, values: p99 },
    { name: "max", colour: RED, values: max }
  ]
  return render({ ...axis, format: formatMillis, logarithmic: true, series }, width)
}

export const formatInteger = (n: number): string => Count.format(n, 0)

export const renderRates = (axis: Axis, sent: Values, received: Values, width: number): string => {
  const series = [
    { name: "sent", colour: AMBER, values: sent },
    { name: "received", colour: BLUE, values: received }
  ]
  return render({ ...axis, format: formatInteger, series }, width)
}
