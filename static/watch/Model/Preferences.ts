/**
 * A viewer's preferences, which the browser stores. A link contains only those that belong to the view. It never contains the
 * drawing rate, because the person who opens the link has not agreed to a fast one.
 */
import type { Point } from "./Viewport.ts"

type Appearance = "system" | "light" | "dark"

export interface Preferences {
  readonly appearance: Appearance
  readonly theme: string
  readonly rate: Rate
  /** Whether to show only whole generations instead of cells as they come. */
  readonly isWhole: boolean
  readonly hasLines: boolean
  readonly isRepeated: boolean
  /** Whether to tell screen readers what happens. */
  readonly announces: boolean
}

/** The least time between drawn frames, in milliseconds; or `game`: every step, but slower while large areas would flash. */
export type Rate = number | "game"

/**
 * Milliseconds for five frames per second. A cell that changes at every frame then flashes two and a half times per second. This
 * is below the three of WCAG 2.3.1 for any area of the screen. A viewer can choose more.
 */
export const CALM_INTERVAL = 200

const defaults: Preferences = {
  appearance: "system",
  theme: "age",
  rate: "game",
  isWhole: false,
  hasLines: true,
  isRepeated: true,
  announces: true
}

/** The choices of drawing rate. */
export const rates: ReadonlyArray<{ readonly rate: Rate; readonly label: string }> = [
  { rate: 1000, label: "1 a second" },
  { rate: 500, label: "2 a second" },
  { rate: CALM_INTERVAL, label: "5 a second" },
  { rate: "game", label: "every step, without flashing" },
  { rate: 66, label: "15 per second, may flash" },
  { rate: 0, label: "every frame, may flash" }
]

const KEY = "effect-c10k.watch"

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null

/** Reads stored preferences of any version. Missing or invalid ones get their defaults. */
export const parsePreferences = (text: string | null): Preferences => {
  let stored: unknown
  try {
    stored = JSON.parse(text ?? "{}")
  } catch {
    return defaults
  }
  if (!isRecord(stored)) return defaults
  const { announces, appearance, hasLines, isRepeated, isWhole, rate, theme } = stored
  return {
    appearance: appearance === "light" || appearance === "dark" ? appearance : defaults.appearance,
    theme: typeof theme === "string" ? theme : defaults.theme,
    rate: rates.find((choice) => choice.rate === rate)?.rate ?? defaults.rate,
    isWhole: typeof isWhole === "boolean" ? isWhole : defaults.isWhole,
    hasLines: typeof hasLines === "boolean" ? hasLines : defaults.hasLines,
    isRepeated: typeof isRepeated === "boolean" ? isRepeated : defaults.isRepeated,
    announces: typeof announces === "boolean" ? announces : defaults.announces
  }
}

/** Loads the preferences. Storage may be forbidden or full; then the page uses the defaults. */
export const load = (): Preferences => {
  try {
    return parsePreferences(localStorage.getItem(KEY))
  } catch {
    return defaults
  }
}

export const save = (preferences: Preferences): void => {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences))
  } catch {
    // As above.
  }
}

/** A part of the grid, in cells: its centre and its size. */
export interface Region {
  readonly centre: Point
  readonly width: number
  readonly height: number
}

/** The contents of a link to a view. */
export interface ViewLink {
  readonly theme: string | undefined
  /** The region to show, on any screen; `undefined`: the whole grid. */
  readonly view: Region | undefined
  /** The inspected cell: its column and row. */
  readonly cell: Point | undefined
}

const short = (value: number) => String(Math.round(value * 100) / 100)

export const formatLink = ({ cell, theme, view }: ViewLink): string => {
  const parts = new URLSearchParams()
  if (theme !== undefined) parts.set("theme", theme)
  if (view !== undefined)
    parts.set("view", [view.centre.x, view.centre.y, view.width, view.height].map(short).join(","))
  if (cell !== undefined) parts.set("cell", `${cell.y},${cell.x}`)
  return `#${parts.toString().replaceAll("%2C", ",")}`
}

const numbers = (text: string | null, count: number): ReadonlyArray<number> | undefined => {
  const values = text?.split(",").map(Number) ?? []
  return values.length === count && values.every(Number.isFinite) ? values : undefined
}

/** Reads the hash of a URL. Malformed parts are ignored. */
export const parseLink = (hash: string): ViewLink => {
  const parts = new URLSearchParams(hash.replace(/^#/, ""))
  const [x, y, width, height] = numbers(parts.get("view"), 4) ?? []
  const cell = numbers(parts.get("cell"), 2)
  return {
    theme: parts.get("theme") ?? undefined,
    view:
      x !== undefined && y !== undefined && width !== undefined && height !== undefined && width > 0 && height > 0
        ? { centre: { x, y }, width, height }
        : undefined,
    cell: cell?.every((value) => Number.isInteger(value) && value >= 0) ? { x: cell[1]!, y: cell[0]! } : undefined
  }
}
