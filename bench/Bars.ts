import type { Result } from "./Result.ts"

type Against =
  | { readonly contender: string; readonly point?: string }
  | { readonly leastOf: ReadonlyArray<string> }
  | { readonly point: string }
  | { readonly value: number }

/**
 * The bars of the project: the figure of the reference, or of `own`, as a multiple of the figure of another contender (of several, the lowest) or of a value. It must not be
 * above `most` or below `least`.
 */
interface Bar {
  readonly scenario: string
  /** The title of the case in the scenario. */
  readonly point: string
  readonly metric: string
  readonly own?: string
  readonly against: Against
  readonly most?: number
  readonly least?: number
  /** It must not be greater by more than this. */
  readonly above?: number
}

export interface JudgedBar {
  readonly what: string
  readonly against: string
  readonly bar: string
  readonly ratio: number
  readonly isMet: boolean
}

const to = (contender: string) => ({ against: { contender } })
const GAME = "32 × 32 cells"
const watched = { scenario: "relay", point: "32 × 32 cells, 1 watcher", metric: "cpu" }
const stalled = { point: "a watcher and a worker never read" }
const full = { point: "10,000 connections" }
const fullGame = { scenario: "life", point: "100 × 100 cells" }
const idle = { scenario: "idle", ...full }
const storm = { scenario: "storm", point: "10,000 connections at once" }

const replayed = { scenario: "replay-page", point: "1000 × 1000 cells, 60 s" }

const platform = { leastOf: ["platform-upgrade", "platform-socket"] } as const

const hostile: ReadonlyArray<Bar> = [
  "12 that pipeline pages and do not read",
  "1600 that send and leave",
  "12 that send and never read",
  "2,000 that send and never read",
  "1 that sends compressed bombs"
].flatMap((point) => [
  { scenario: "hostile", point, own: "budget", metric: "growth", against: { value: 128 }, most: 1 },
  { scenario: "hostile", point, own: "budget", metric: "left", against: { value: 8 }, most: 1 }
])

/** Below `ws` in each. */
const tls: ReadonlyArray<Bar> = [
  { scenario: "relay-tls", point: "32 × 32 cells, no watcher", metric: "cpu" },
  { scenario: "echo-tls", point: "1,000 connections", metric: "cpu" },
  { scenario: "idle-tls", point: "1,000 connections", metric: "cpu" },
  { scenario: "idle-tls", point: "1,000 connections", metric: "memory" }
].map((bar) => ({ ...bar, own: "tls", ...to("tls-ws"), most: 1 }))

/** The bars for the styles of an Effect application, with few and with many connections. */
const styles: ReadonlyArray<Bar> = ["2,000 connections", full.point].flatMap((point) => [
  { scenario: "styles", point, own: "messages", metric: "cpu", against: platform, most: 0.7 },
  { scenario: "styles", point, own: "receive", metric: "cpu", against: platform, most: 0.6 },
  { scenario: "styles", point, own: "forEach", metric: "cpu", against: platform, most: 0.6 },
  { scenario: "styles", point, own: "forEach", metric: "memory", against: platform, most: 0.25 },
  { scenario: "styles", point, own: "forEach", metric: "accept", against: platform, most: 0.5 }
])

const rpc: ReadonlyArray<Bar> = ["2,000 connections", full.point].map((point) => ({
  ...{ scenario: "rpc", point, own: "rpc-socket", metric: "cpu", most: 0.7 },
  against: { leastOf: ["rpc-platform-upgrade", "rpc-platform-socket"] }
}))

const channels = { scenario: "channels", point: "10,000 subscribers", own: "channels" }

const nodes: ReadonlyArray<Bar> = [
  { scenario: "nodes", ...full, metric: "cpu", own: "effect-c10k-1", ...to("effect-c10k"), most: 1.1 },
  ...[2, 3, 4].map((count) => ({
    ...{ scenario: "nodes", ...full, metric: "cpu", own: `effect-c10k-${count}`, most: 1.15 },
    ...to(`effect-c10k-${count}-apart`)
  })),
  { scenario: "rooms", point: "1,000 rooms of 10", metric: "cpu", own: "rooms-3", ...to("rooms-1"), most: 1.15 }
]

const bars: ReadonlyArray<Bar> = [
  ...nodes,
  { ...channels, metric: "cpu", ...to("broadcast"), most: 1.1 },
  { ...channels, metric: "accept", against: { value: 150 }, most: 1 },
  { ...channels, metric: "memory", against: { value: 6 }, most: 1 },
  ...styles,
  ...rpc,
  ...tls,
  ...hostile,
  { ...watched, ...to("uws"), most: 1.15 },
  { ...watched, ...to("ws"), most: 0.2 },
  { scenario: "relay", point: "100 × 100 cells, no watcher", metric: "steps", ...to("uws"), least: 1 },
  { scenario: "relay-growth", ...full, metric: "cpu", against: { point: "1,024 connections" }, most: 1.15 },
  { scenario: "stalled", ...stalled, metric: "steps", against: { point: "all read" }, least: 0.9 },
  { scenario: "stalled", ...stalled, metric: "growth", against: { value: 32 }, most: 1 },
  { scenario: "fan-out", point: "1 publisher, 10,000 subscribers", metric: "cpu", ...to("uws"), most: 1 },
  { scenario: "life", point: GAME, metric: "steps", ...to("ws"), least: 3.5 },
  { scenario: "life", point: GAME, metric: "steps", ...to("python"), least: 5 },
  { ...fullGame, metric: "steps", ...to("python"), least: 3.5 },
  { ...fullGame, metric: "steps", ...to("c-cells"), least: 0.95 },
  { ...fullGame, metric: "start", ...to("c-cells"), most: 1.2 },
  { ...fullGame, metric: "heard", against: { point: GAME }, most: 1.3 },
  { ...idle, metric: "memory", against: { value: 4.5 }, most: 1 },
  { ...idle, metric: "cpu", ...to("ws"), most: 0.85 },
  { ...idle, metric: "cpu", ...to("least-node"), most: 1.25 },
  { ...storm, metric: "seconds", ...to("ws"), most: 0.85 },
  { ...storm, metric: "p99", against: { value: 3000 }, most: 1 },
  { scenario: "conversation", ...full, metric: "memory", ...to("ws"), most: 2 },
  { scenario: "echo", ...full, metric: "cpu", ...to("ws"), most: 0.75 },
  { scenario: "echo-clients", point: "10,000 clients, delay 2 s", metric: "cpu", ...to("ws"), most: 1.2 },
  { scenario: "echo-clients", point: "10,000 clients, delay 2 s", metric: "memory", ...to("ws"), most: 1.3 },
  { scenario: "load-testers", point: "2,000 connections", metric: "cpu", against: { value: 120 }, most: 1 },
  ...["2,000 connections", "5,000 connections"].flatMap((point) => [
    { scenario: "load-testers", point, metric: "cpu", ...to("artillery"), most: 0.25 },
    { scenario: "load-testers", point, metric: "memory", ...to("artillery"), most: 0.5 }
  ]),
  { scenario: "load-testers-busy", point: "100 connections", metric: "cpu", ...to("artillery"), most: 0.25 },
  { scenario: "load-testers-busy", point: "100 connections", metric: "memory", ...to("artillery"), most: 0.5 },
  { scenario: "load-testers-logic", point: "100 connections", metric: "cpu", ...to("least-client"), above: 1 },
  { scenario: "load-testers-logic", point: "100 connections", metric: "cpu", ...to("c-client"), above: 1 },
  { scenario: "load-testers", point: "5,000 connections", metric: "cpu", against: { value: 80 }, most: 1 },
  { scenario: "load-testers", point: "5,000 connections", metric: "memory", against: { value: 140 }, most: 1 },
  { scenario: "load-testers-busy", point: "100 connections", metric: "rate", against: { value: 150 }, least: 1 },
  { scenario: "page", point: "GET /, 50 connections", metric: "cpu", against: { value: 45 }, most: 1 },
  { scenario: "watch-page", point: "100 × 100 cells", metric: "pictures", against: { value: 20 }, least: 1 },
  { scenario: "watch-page", point: "100 × 100 cells", metric: "busy", against: { value: 500 }, most: 1 },
  { ...replayed, metric: "pictures", against: { value: 60 }, least: 0.98 },
  { ...replayed, metric: "busy", against: { value: 100 }, most: 1 },
  { scenario: "replay-memory", point: "1000 × 1000 cells, 600 s", metric: "growth", against: { value: 8 }, most: 1 },
  { scenario: "lobby-page", point: "200 games", metric: "busy", against: { value: 100 }, most: 1 },
  { scenario: "lobby-page", point: "200 games", metric: "traffic", against: { value: 50 }, most: 1 },
  { scenario: "start-up", point: "--help", metric: "milliseconds", ...to("node"), most: 2.2 },
  {
    ...{ scenario: "start-up", point: "serve, until it accepts connections", metric: "milliseconds", most: 5 },
    against: { contender: "node", point: "--help" }
  },
  { scenario: "at-rest", point: "serve, nobody connected", metric: "memory", against: { value: 70 }, most: 1 }
]

/** The bars for which the result has figures. */
export const judgedBars = (result: Result): ReadonlyArray<JudgedBar> =>
  bars.flatMap(({ above, against, least, metric: key, most, own: name, point, scenario: of }) => {
    const scenario = result.scenarios.find((one) => one.name === of)
    const metric = scenario?.metrics.find((one) => one.key === key)
    const find = (title: string, contender: string) => {
      const one = scenario?.cases.find((result) => result.title === title)
      const found = one?.contenders.find((result) => result.name === contender)
      const value = found?.figures[key]?.median
      return found === undefined || value === undefined ? undefined : { title: found.title, value }
    }
    const own = find(point, name ?? result.reference)
    if (!scenario || !metric || own === undefined) return []
    const other = () => {
      if ("value" in against) return { title: `${against.value} ${metric.unit}`, value: against.value }
      if ("contender" in against) return find(against.point ?? point, against.contender)
      if ("point" in against) {
        const before = find(against.point, result.reference)
        return before && { ...before, title: against.point }
      }
      const all = against.leastOf.flatMap((each) => find(point, each) ?? [])
      return all.sort((a, b) => a.value - b.value)[0]
    }
    const peer = other()
    if (!peer?.value) return []
    const ratio = own.value / peer.value
    return {
      what: `${scenario.title}, ${point}${name === undefined ? "" : `, ${own.title}`}: ${metric.label}`,
      against: peer.title,
      bar: above !== undefined ? `≤ +${above} ${metric.unit}` : most === undefined ? `≥ ${least}×` : `≤ ${most}×`,
      ratio,
      isMet:
        ratio <= (most ?? Number.POSITIVE_INFINITY) &&
        ratio >= (least ?? 0) &&
        own.value - peer.value <= (above ?? Number.POSITIVE_INFINITY)
    }
  })

export const verdict = ({ isMet, ratio }: JudgedBar): string => `${ratio.toFixed(2)}× ${isMet ? "✓" : "✗"}`
