/** Describes the progress of the game in words: for the overlay before the run, the chip in the bar, and screen readers. Pure. */
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { count } from "./Format.ts"
import type { StepRange } from "./Model.ts"
import type { Situation } from "./Situation.ts"
import type { Size } from "./Viewport.ts"

/** The notice over the grid before the run. */
export interface Notice {
  readonly title: string
  readonly text: string
  /** The progress from 0 to 1; `undefined` if there is none to show. */
  readonly share: number | undefined
}

/** The notice for a phase. */
export const noticeFor = (situation: Situation, status: StatusBlock, grid: Size): Notice | undefined => {
  const workers = grid.width * grid.height
  switch (situation.name) {
    case "starting":
      return { title: "A game is about to start", text: "", share: undefined }
    case "idle":
      return { title: "Waiting for a game", text: "This page shows it at once.", share: undefined }
    case "connecting":
      return {
        title: "Clients connecting",
        text: `${count(status.connected)} of ${count(workers)}: every cell has its own WebSocket client`,
        share: status.connected / workers
      }
    case "subscribing":
      return {
        title: "Clients subscribing",
        text: `${count(status.subscribed)} of ${count(workers)} have subscribed to their neighbours`,
        share: status.subscribed / workers
      }
    default:
      return undefined
  }
}

const clients = (number: number): string => `${count(number)} WebSocket ${number === 1 ? "client" : "clients"}`

/** As short as the heading of a running game, so that it fits a phone too. */
const connected = (status: StatusBlock, all: number): string =>
  `${count(status.connected)} of ${count(all)} ${all === 1 ? "client" : "clients"} connected`

/** The heading of the page: what one sees, as a number of clients. `grid` is `undefined` while it is not known how many there will be. */
export const headline = (
  situation: Situation,
  status: StatusBlock,
  grid: Size | undefined,
  isReplay = false
): string => {
  if (grid === undefined) return "WebSocket clients in lockstep"
  const all = grid.width * grid.height
  if (isReplay && situation.name !== "idle") return `A recording of ${clients(all)}`
  switch (situation.name) {
    case "idle":
      return "WebSocket clients in lockstep"
    case "starting":
    case "connecting":
      return connected(status, all)
    case "subscribing":
      return `${clients(all)} subscribing`
    case "finished":
    case "stopped":
    case "killed":
      return `${clients(all)} were here`
    case "broken":
      return connected(status, all)
    case "paused":
      return status.connected < all ? connected(status, all) : `${clients(all)} in lockstep`
    default:
      return `${clients(all)} in lockstep`
  }
}

/** The generations of the cells: one number if all are in step, else the first and the last. */
export const generation = ({ max, min }: StepRange): string =>
  min < 0 ? "–" : min === max ? count(min) : `${count(min)}–${count(max)}`

/** One sentence for a screen reader. */
export const sentence = (situation: Situation, status: StatusBlock, grid: Size, steps: StepRange): string => {
  const notice = noticeFor(situation, status, grid)
  if (notice !== undefined) return `${notice.title}. ${notice.share === undefined ? "" : notice.text}`.trim()
  const workers = grid.width * grid.height
  const cells = `${count(status.population)} of ${count(workers)} cells alive`
  return `${situation.label}, generation ${generation(steps)}, ${cells}, ${count(status.connected)} clients.`
}
