import type { Result } from "./Result.ts"

/** What the project is held to: the reference's figure as a multiple of another's or of a value, not above `most` or below `least`. */
interface Bar {
  readonly scenario: string
  /** Title of the case in it. */
  readonly point: string
  readonly metric: string
  readonly against: { readonly contender: string } | { readonly point: string } | { readonly value: number }
  readonly most?: number
  readonly least?: number
}

export interface HeldBar {
  readonly what: string
  readonly against: string
  readonly bar: string
  readonly ratio: number
  readonly held: boolean
}

const to = (contender: string) => ({ against: { contender } })
const game = "32 × 32 cells"
const watched = { scenario: "relay", point: "32 × 32 cells, 1 watcher", metric: "cpu" }
const stalled = { point: "a watcher and a worker never read" }
const full = { point: "10,000 connections" }

const bars: ReadonlyArray<Bar> = [
  { ...watched, ...to("uws"), most: 1.15 },
  { ...watched, ...to("ws"), most: 0.2 },
  { scenario: "relay", point: "100 × 100 cells, no watcher", metric: "steps", ...to("uws"), least: 0.9 },
  { scenario: "relay-growth", ...full, metric: "cpu", against: { point: "1,024 connections" }, most: 1.3 },
  { scenario: "stalled", ...stalled, metric: "steps", against: { point: "all read" }, least: 0.9 },
  { scenario: "stalled", ...stalled, metric: "growth", against: { value: 32 }, most: 1 },
  { scenario: "fan-out", point: "1 publisher, 10,000 subscribers", metric: "cpu", ...to("uws"), most: 1.15 },
  { scenario: "life", point: game, metric: "steps", ...to("ws"), least: 3.5 },
  { scenario: "life", point: game, metric: "steps", ...to("python"), least: 5 },
  { scenario: "life", point: "100 × 100 cells", metric: "steps", ...to("python"), least: 3.5 },
  { scenario: "idle", ...full, metric: "memory", ...to("ws"), most: 1.1 },
  { scenario: "idle", ...full, metric: "cpu", ...to("ws"), most: 1.2 },
  { scenario: "conversation", ...full, metric: "memory", ...to("ws"), most: 2 },
  { scenario: "echo", ...full, metric: "cpu", ...to("ws"), most: 1.05 },
  { scenario: "echo-clients", point: "10,000 clients, delay 2 s", metric: "cpu", ...to("ws"), most: 1.2 },
  { scenario: "echo-clients", point: "10,000 clients, delay 2 s", metric: "memory", ...to("ws"), most: 1.3 },
  { scenario: "load-testers", point: "2,000 connections", metric: "cpu", ...to("artillery"), most: 0.26 },
  { scenario: "load-testers", point: "5,000 connections", metric: "cpu", ...to("artillery"), most: 0.25 },
  { scenario: "load-testers", point: "5,000 connections", metric: "memory", ...to("artillery"), most: 0.35 },
  { scenario: "load-testers-busy", point: "100 connections", metric: "rate", ...to("artillery"), least: 12.5 },
  { scenario: "start-up", point: "--help", metric: "milliseconds", ...to("node"), most: 3 }
]

/** Those bars whose figures the result has. */
export const heldBars = (result: Result): ReadonlyArray<HeldBar> =>
  bars.flatMap(({ against, least, metric: key, most, point, scenario: name }) => {
    const scenario = result.scenarios.find((one) => one.name === name)
    const metric = scenario?.metrics.find((one) => one.key === key)
    const find = (title: string, contender: string) => {
      const one = scenario?.cases.find((result) => result.title === title)
      return one?.contenders.find((result) => result.name === contender)
    }
    const own = find(point, result.reference)?.figures[key]?.median
    if (!scenario || !metric || own === undefined) return []
    const other = () => {
      if ("value" in against) return { title: `${against.value} ${metric.unit}`, value: against.value }
      const peer = "contender" in against ? find(point, against.contender) : find(against.point, result.reference)
      return { title: "contender" in against ? peer?.title : against.point, value: peer?.figures[key]?.median }
    }
    const { title, value } = other()
    if (title === undefined || !value) return []
    const ratio = own / value
    return {
      what: `${scenario.title}, ${point}: ${metric.label}`,
      against: title,
      bar: most === undefined ? `≥ ${least}×` : `≤ ${most}×`,
      ratio,
      held: ratio <= (most ?? Number.POSITIVE_INFINITY) && ratio >= (least ?? 0)
    }
  })

export const verdict = ({ held, ratio }: HeldBar): string => `${ratio.toFixed(2)}× ${held ? "✓" : "✗"}`
