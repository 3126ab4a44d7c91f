/** The situation of the game as a word and a sentence. Pure. */
import type { ControlState } from "../../../src/Protocol/Control.ts"
import type { StatusBlock } from "../../../src/Protocol/WatchProtocol.ts"
import { count } from "./Format.ts"
import type { StepRange } from "./Model.ts"
import type { Size } from "./Viewport.ts"

type SituationName =
  | "idle"
  | "starting"
  | "connecting"
  | "subscribing"
  | "running"
  | "paused"
  | "stalled"
  | "broken"
  | "finished"
  | "stopped"
  | "killed"

export interface Situation {
  readonly name: SituationName
  readonly label: string
  /** A sentence with details; empty if the label is enough. */
  readonly detail: string
}

export interface Evidence {
  readonly status: StatusBlock
  readonly grid: Size
  /** The universe of the game. Before anyone has asked the server for a game it is empty, and so it is for clients of protocol 0. */
  readonly topology: string
  readonly steps: StepRange
  /** The status of a server that owns its workers; `undefined` for other servers. */
  readonly control: ControlState["game"] | undefined
  /** Whether such a server has ended this game, whose clients may still be leaving. */
  readonly isOver: boolean
  /** Milliseconds without a step, if the game has stalled. */
  readonly stalledFor: number | undefined
}

const clients = (number: number) => `${count(number)} ${number === 1 ? "client" : "clients"}`

/** If all cells are at the same step, the game finished, and if a server that owns them ended it. If `life` was stopped, they are at different steps. */
const ended = ({ control, grid, status, steps }: Evidence): Situation => {
  const all = grid.width * grid.height
  const at = steps.max < 0 ? "before the first step" : `at generation ${count(steps.min)}`
  const isOver = steps.max >= 0 && (steps.min === steps.max || control === "ended")
  if (status.broken > 0)
    return {
      name: "killed",
      label: "Cut off",
      detail: `The connections of ${count(status.broken)} of ${clients(all)} broke ${at}.`
    }
  return isOver
    ? { name: "finished", label: "Ended", detail: `All cells left ${at}.` }
    : { name: "stopped", label: "Stopped", detail: `All clients left ${at}, some cells ahead of others.` }
}

/** The clients of a running game that have no connection. The clients of a server that owns them leave only by a fault. */
const missing = ({ control, grid, status }: Pick<Evidence, "control" | "grid" | "status">): number =>
  control === "running" ? grid.width * grid.height - status.connected : status.broken

const running = ({ control, grid, stalledFor, status }: Evidence): Situation => {
  if (control === "paused") return { name: "paused", label: "Paused", detail: "The cells take no steps." }
  const lost = missing({ control, grid, status })
  if (lost > 0)
    return {
      name: "broken",
      label: "Clients lost",
      detail: `The connections of ${clients(lost)} broke; their neighbours wait for them.`
    }
  if (stalledFor === undefined) return { name: "running", label: "Running", detail: "" }
  return {
    name: "stalled",
    label: "Stalled",
    detail: `All clients are connected, but no cell has taken a step for ${Math.floor(stalledFor / 1000)} s.`
  }
}

export const situationOf = (evidence: Evidence): Situation => {
  const { phase } = evidence.status
  // This is the time between two games, or before the first one. A game or a run without a first client yet is about to start too.
  const isComing = evidence.control === "running" || evidence.control === "paused" || evidence.topology !== ""
  if ((evidence.control === "starting" && (phase === "idle" || phase === "ended")) || (isComing && phase === "idle"))
    return { name: "starting", label: "Starting", detail: "" }
  if (evidence.isOver) return ended(evidence)
  switch (phase) {
    case "idle":
      return { name: "idle", label: "No game yet", detail: "" }
    case "connecting":
      return { name: "connecting", label: "Connecting", detail: "" }
    case "subscribing":
      return { name: "subscribing", label: "Subscribing", detail: "" }
    case "running":
      return running(evidence)
    case "ended":
      return evidence.control === "running" ? running(evidence) : ended(evidence)
  }
}
