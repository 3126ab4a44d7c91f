/**
 * What a watcher of a real server can be told, so that no test of a page has a server in a state that no server is ever in.
 * `RealStates.test.ts` shows that the server's barrier keeps these rules whatever its workers do, and `RealServer.test.ts` and
 * `Programs.test.ts` that real games do. `Harness.ts` holds `TestServer` to them.
 */
import type { ControlState } from "../../src/Protocol/Control.ts"
import { NO_STEP, type Phase } from "../../src/Protocol/WatchProtocol.ts"

export interface Reported {
  readonly phase: Phase
  /** The number of cells. */
  readonly expected: number
  readonly connected: number
  readonly subscribed: number
  readonly broken: number
  /** The highest step of all cells; {@link NO_STEP} if none has begun. */
  readonly greatest: number
}

/** The phases in which a server that owns its workers can be while it tells the state of its run. */
const phasesOf: Readonly<Record<ControlState["game"], ReadonlyArray<Phase>>> = {
  none: ["idle"],
  starting: ["idle", "connecting", "subscribing", "running", "ended"],
  running: ["idle", "connecting", "subscribing", "running", "ended"],
  paused: ["idle", "connecting", "subscribing", "running", "ended"],
  ended: ["running", "ended"]
}

/** From which state of its run such a server goes to each: a run that ended, or the first one, begins; a recording begins as "running". */
const before: Readonly<Record<ControlState["game"], ReadonlyArray<ControlState["game"]>>> = {
  none: ["none"],
  starting: ["none", "starting", "ended"],
  running: ["none", "starting", "running", "paused", "ended"],
  paused: ["running", "paused"],
  ended: ["starting", "running", "paused", "ended"]
}

/** Whether a server that owns its workers can tell pages of these states, one after the other. */
export const follows = (first: ControlState["game"], next: ControlState["game"]): boolean =>
  before[next].includes(first)

const rules: ReadonlyArray<readonly [rule: string, keeps: (reported: Reported) => boolean]> = [
  ["an idle server has no workers", ({ connected, phase }) => phase !== "idle" || connected === 0],
  [
    "workers connect until there is one for each cell",
    ({ connected, expected, phase }) => phase !== "connecting" || (connected > 0 && connected < expected)
  ],
  [
    "nobody has subscribed before all have connected",
    ({ phase, subscribed }) => (phase !== "connecting" && phase !== "idle") || subscribed === 0
  ],
  [
    "workers subscribe until all have",
    ({ expected, phase, subscribed }) => phase !== "subscribing" || subscribed < expected
  ],
  ["only workers that are connected have subscribed", ({ connected, subscribed }) => subscribed <= connected],
  [
    "a running game has workers, an ended one has none",
    ({ connected, phase }) => (phase === "running" ? connected > 0 : phase !== "ended" || connected === 0)
  ],
  [
    "workers break off only while the game runs",
    ({ broken, phase }) => broken === 0 || phase === "running" || phase === "ended"
  ],
  [
    "a broken worker is not connected",
    ({ broken, connected, expected }) => broken <= Math.max(0, expected - connected)
  ],
  [
    "no cell has a state before all have subscribed",
    ({ greatest, phase }) => greatest === NO_STEP || phase === "running" || phase === "ended"
  ]
]

/** The rules that are broken, with what was told. */
export const impossible = (reported: Reported, control?: ControlState["game"]): ReadonlyArray<string> => [
  ...rules.flatMap(([rule, keeps]) => (keeps(reported) ? [] : [`${rule}: ${JSON.stringify(reported)}`])),
  ...(control === undefined || phasesOf[control].includes(reported.phase)
    ? []
    : [`a server whose run is "${control}" is not ${reported.phase}`])
]
