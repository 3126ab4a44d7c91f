/**
 * The control channel: requests of a page to a server that owns its workers, and their answers. Messages are JSON text.
 * They are parsed by hand and not by a schema, so that the page that shares this module stays small.
 */
import { isRecord } from "effect/Predicate"

/** The source of the first generation. */
export type Start =
  | { readonly type: "pattern"; readonly name: string }
  | { readonly type: "random"; readonly density: number }
  /** The body of an RLE pattern, from the top left corner of the grid. */
  | { readonly type: "cells"; readonly rle: string }

/** The cells of a start as a pattern file. The header tells readers that it is RLE, whatever letters are in it. */
export const cellsFile = (rle: string): string => `x = 0, y = 0\n${rle}`

export interface GameRequest {
  readonly width: number
  readonly height: number
  /** The rule, as `life --rule` takes it. */
  readonly rule: string
  /** The topology, as `life --topology` takes it. */
  readonly topology: string
  /** The most steps in a second. */
  readonly speed: number
  readonly start: Start
}

export type ControlRequest =
  /** Ends the present game and starts another one. */
  | { readonly type: "start"; readonly game: GameRequest }
  | { readonly type: "pause" }
  /** Goes on. With a `step`, the game is paused when all cells have reached it; at once if they have. A recording takes no step. */
  | { readonly type: "resume"; readonly step?: number }
  /** Makes every cell take one step. Only while the game is paused. */
  | { readonly type: "step" }
  | { readonly type: "speed"; readonly speed: number }
  /** Closes the connections of clients, which come back after some seconds. */
  | { readonly type: "disconnect"; readonly clients: Clients }
  /** Clients keep their connections, but publish nothing for some seconds. */
  | { readonly type: "freeze"; readonly clients: Clients }
  /** Kills the process of all clients. It is started again after some seconds, and its cells resume. */
  | { readonly type: "kill" }
  /** Goes to a step of a recording. */
  | { readonly type: "seek"; readonly step: number }
  /** Whether a recording begins again at its end. */
  | { readonly type: "loop"; readonly loops: boolean }

/** The client of a cell, or a number of clients at random. */
export type Clients = { readonly row: number; readonly col: number } | { readonly count: number }

/** The state of the game. Sent when a page connects, and at each change. */
export interface ControlState {
  readonly type: "state"
  readonly game: "none" | "starting" | "running" | "paused" | "ended"
  readonly speed: number
  /** One line about the game: what to look for. "" or absent: none. */
  readonly note?: string
  /** The first and the last step of a recording, if this server plays one. */
  readonly replay?: ReplayLength
}

export interface ReplayLength {
  readonly from: number
  readonly to: number
  /** Whether it begins again at its end. */
  readonly loops: boolean
}

interface Refusal {
  readonly type: "refused"
  readonly reason: string
}

/** What was done to clients at the request of a page: sent to all pages. */
interface Fault {
  readonly type: "fault"
  readonly fault: "disconnect" | "freeze" | "kill"
  /** How many clients there were. */
  readonly count: number
  /** How long it lasts, in milliseconds. */
  readonly time: number
}

export type ControlResponse = ControlState | Refusal | Fault

/** The most cells that a page may ask for. The server's own limit may be lower. */
export const MAX_CELLS = 1_000_000

const MAX_SPEED = 1_000

/** The longest message that is read, in characters. The longest useful one is a drawn grid. */
const MAX_LENGTH = 2_000_000

const parseRecord = (text: string): Readonly<Record<string, unknown>> | undefined => {
  if (text.length > MAX_LENGTH) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isSide = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) > 0

const isSpeed = (value: unknown): value is number => typeof value === "number" && value > 0 && value <= MAX_SPEED

const isName = (value: unknown): value is string => typeof value === "string" && value.length <= 100

const readStart = (value: unknown): Start | undefined => {
  if (!isRecord(value)) return undefined
  const { density, name, rle, type } = value
  if (type === "pattern" && isName(name)) return { type, name }
  if (type === "random" && typeof density === "number" && density >= 0 && density <= 1) return { type, density }
  if (type === "cells" && typeof rle === "string") return { type, rle }
  return undefined
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

const readClients = (value: unknown): Clients | undefined => {
  if (!isRecord(value)) return undefined
  const { col, count, row } = value
  if (isSide(count)) return { count }
  return isIndex(row) && isIndex(col) ? { row, col } : undefined
}

const readGame = (value: unknown): GameRequest | undefined => {
  if (!isRecord(value)) return undefined
  const { height, rule, speed, start: given, topology, width } = value
  const start = readStart(given)
  if (!isSide(width) || !isSide(height) || width * height > MAX_CELLS) return undefined
  if (!isName(rule) || !isName(topology) || !isSpeed(speed) || start === undefined) return undefined
  return { width, height, rule, topology, speed, start }
}

/** Parses a request; `undefined` if the text is not a valid one. */
export const parseControlRequest = (text: string): ControlRequest | undefined => {
  const record = parseRecord(text)
  if (record === undefined) return undefined
  const { clients: some, game: given, loops, speed, step, type } = record
  switch (type) {
    case "resume":
      if (step === undefined) return { type }
      return isIndex(step) ? { type, step } : undefined
    case "pause":
    case "step":
    case "kill":
      return { type }
    case "speed":
      return isSpeed(speed) ? { type, speed } : undefined
    case "seek":
      return isIndex(step) ? { type, step } : undefined
    case "loop":
      return typeof loops === "boolean" ? { type, loops } : undefined
    case "disconnect":
    case "freeze": {
      const clients = readClients(some)
      return clients && { type, clients }
    }
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

const isFault = (value: unknown): value is Fault["fault"] =>
  value === "disconnect" || value === "freeze" || value === "kill"

const readLength = (value: unknown): ReplayLength | undefined => {
  if (!isRecord(value)) return undefined
  const { from, loops, to } = value
  return isIndex(from) && isIndex(to) && typeof loops === "boolean" ? { from, to, loops } : undefined
}

/** Parses a response; `undefined` if the text is not a valid one. */
export const parseControlResponse = (text: string): ControlResponse | undefined => {
  const record = parseRecord(text)
  if (record === undefined) return undefined
  const { count, fault, game, note, reason, replay, speed, time, type } = record
  if (type === "refused" && typeof reason === "string") return { type, reason }
  if (type === "fault" && isFault(fault) && isIndex(count) && isIndex(time)) return { type, fault, count, time }
  if (type === "state" && isGame(game) && typeof speed === "number") {
    const length = readLength(replay)
    return {
      ...{ type, game, speed },
      ...(typeof note === "string" ? { note } : {}),
      ...(length === undefined ? {} : { replay: length })
    }
  }
  return undefined
}

export const formatControl = (message: ControlRequest | ControlResponse): string => JSON.stringify(message)
