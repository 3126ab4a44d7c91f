/**
 * The control channel: what a page may ask of a server that owns its workers, and what it is answered. Messages are JSON
 * texts. They are read by hand, not by a schema, since the page that shares this module should stay small.
 */

/** The source of the first generation. */
export type Start =
  | { readonly type: "pattern"; readonly name: string }
  | { readonly type: "random"; readonly density: number }
  /** The body of a run length encoded pattern, from the top left corner of the grid. */
  | { readonly type: "cells"; readonly rle: string }

/** The cells of a start as a file: by the header readers know that they are run length encoded, whatever letters are in them. */
export const cellsFile = (rle: string): string => `x = 0, y = 0\n${rle}`

export interface GameRequest {
  readonly width: number
  readonly height: number
  /** As `life --rule` takes it. */
  readonly rule: string
  /** As `life --topology` takes it. */
  readonly topology: string
  /** Steps a second, at most. */
  readonly speed: number
  readonly start: Start
}

export type ControlRequest =
  /** Ends the present game and starts another. */
  | { readonly type: "start"; readonly game: GameRequest }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** While paused: every cell takes one step. */
  | { readonly type: "step" }
  | { readonly type: "speed"; readonly speed: number }

/** Sent on connecting and whenever it changes. */
export interface ControlState {
  readonly type: "state"
  readonly game: "none" | "starting" | "running" | "paused" | "ended"
  readonly speed: number
}

/** A request was not carried out. */
interface Refusal {
  readonly type: "refused"
  readonly reason: string
}

export type ControlResponse = ControlState | Refusal

/** Cells that a page may ask for; the server's own limit may be lower. */
export const maxCells = 1_000_000

const maxSpeed = 1_000

/** Longest message that is read, in characters: a drawn grid is the longest. */
const maxLength = 2_000_000

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const parseRecord = (text: string): Readonly<Record<string, unknown>> | undefined => {
  if (text.length > maxLength) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isSide = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0

const isSpeed = (value: unknown): value is number => typeof value === "number" && value > 0 && value <= maxSpeed

const isName = (value: unknown): value is string => typeof value === "string" && value.length <= 100

const readStart = (value: unknown): Start | undefined => {
  if (!isRecord(value)) return undefined
  const { density, name, rle, type } = value
  if (type === "pattern" && isName(name)) return { type, name }
  if (type === "random" && typeof density === "number" && density >= 0 && density <= 1) return { type, density }
  if (type === "cells" && typeof rle === "string") return { type, rle }
  return undefined
}

const readGame = (value: unknown): GameRequest | undefined => {
  if (!isRecord(value)) return undefined
  const { height, rule, speed, start: given, topology, width } = value
  const start = readStart(given)
  if (!isSide(width) || !isSide(height) || width * height > maxCells) return undefined
  if (!isName(rule) || !isName(topology) || !isSpeed(speed) || start === undefined) return undefined
  return { width, height, rule, topology, speed, start }
}

/** Undefined when the text is no request. */
export const parseControlRequest = (text: string): ControlRequest | undefined => {
  const record = parseRecord(text)
  if (record === undefined) return undefined
  const { game: given, speed, type } = record
  switch (type) {
    case "pause":
    case "resume":
    case "step":
      return { type }
    case "speed":
      return isSpeed(speed) ? { type, speed } : undefined
    case "start": {
      const game = readGame(given)
      return game && { type, game }
    }
    default:
      return undefined
  }
}

const games: ReadonlyArray<unknown> = ["none", "starting", "running", "paused", "ended"] satisfies Array<
  ControlState["game"]
>

const isGame = (value: unknown): value is ControlState["game"] => games.includes(value)

/** Undefined when the text is no response. */
export const parseControlResponse = (text: string): ControlResponse | undefined => {
  const record = parseRecord(text)
  if (record === undefined) return undefined
  const { game, reason, speed, type } = record
  if (type === "refused" && typeof reason === "string") return { type, reason }
  if (type === "state" && isGame(game) && typeof speed === "number") return { type, game, speed }
  return undefined
}

export const formatControl = (message: ControlRequest | ControlResponse): string => JSON.stringify(message)
