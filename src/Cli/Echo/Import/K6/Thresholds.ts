/** Converts the thresholds of k6. The metrics of a script have `k6.` before their names here. */
import type { MetricKind } from "../../../../Echo/K6/Builtins.ts"
import type { Options } from "../Conversion.ts"
import { isObject } from "../Json.ts"
import type { Note } from "./Load.ts"

type Kind = MetricKind | "total"

/** The metrics that every script has: their figure, if it has another name, and their kind. */
const builtIn: Readonly<Record<string, readonly [figure: string, kind: Kind]>> = {
  checks: ["k6.checks", "rate"],
  http_req_failed: ["k6.http_req_failed", "rate"],
  ws_connecting: ["k6.ws_connecting", "trend"],
  ws_session_duration: ["k6.ws_session_duration", "trend"],
  ws_ping: ["k6.ws_ping", "trend"],
  http_req_duration: ["k6.http_req_duration", "trend"],
  iteration_duration: ["k6.iteration_duration", "trend"],
  ws_sessions: ["k6.ws_sessions", "counter"],
  iterations: ["k6.iterations", "counter"],
  http_reqs: ["k6.http_reqs", "counter"],
  ws_msgs_sent: ["sent", "total"],
  ws_msgs_received: ["received", "total"],
  data_sent: ["wire.sent", "counter"],
  data_received: ["wire.received", "counter"],
  dropped_iterations: ["dropped", "counter"]
}

const CONDITION =
  /^\s*(avg|min|max|med|count|rate|value|p\((\d+(?:\.\d+)?)\))\s*(<=|>=|<|>|={2,3}|!=)\s*(\d+(?:\.\d+)?)\s*$/

const statistics: Readonly<Record<string, string>> = { avg: "mean", med: "p50", min: "min", max: "max", count: "count" }

/** The condition here; `undefined` if there is none. */
const converted = (figure: string, kind: Kind, condition: string): string | undefined => {
  const [, what = "", percentile, compare = "", bound] = CONDITION.exec(condition) ?? []
  const sign = compare === "===" ? "==" : compare
  if (kind === "trend" || kind === "gauge") {
    const statistic = percentile === undefined ? statistics[what] : `p${percentile}`
    if (statistic === undefined) return undefined
    return `${figure}.${statistic}${sign}${bound}${what === "count" ? "" : "ms"}`
  }
  if (what === "rate" && kind === "rate") return `${figure}.share${sign}${bound}`
  if (what === "rate" && kind === "total") return `${figure}.rate${sign}${bound}`
  return what === "count" && kind !== "rate" ? `${figure}${sign}${bound}` : undefined
}

const opposite: Readonly<Record<string, string>> = {
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
  "==": "!=",
  "!=": "=="
}

const inverted = (condition: string): string => condition.replace(/<=|>=|<|>|==|!=/, (sign) => opposite[sign] ?? sign)

export const thresholdsOf = (given: unknown, metrics: ReadonlyMap<string, MetricKind>, note: Note): Options =>
  Object.entries(isObject(given) ? given : {}).flatMap(([metric, conditions]) => {
    const [figure, kind] = (Object.hasOwn(builtIn, metric) ? builtIn[metric] : undefined) ?? [
      `k6.${metric}`,
      metrics.get(metric)
    ]
    return [conditions].flat().flatMap((each): Options => {
      const condition: unknown = isObject(each) ? each["threshold"] : each
      const made = kind === undefined ? undefined : converted(figure, kind, String(condition))
      if (made === undefined) {
        note(`the threshold ${metric}: ${String(condition)} is left out: it has no counterpart, see --threshold`)
        return []
      }
      if (!isObject(each) || each["abortOnFail"] !== true) return ["--threshold", made]
      if (each["delayAbortEval"] !== undefined) note(`delayAbortEval of ${metric} is left out: it has no counterpart`)
      return ["--threshold", made, "--abort-on", inverted(made)]
    })
  })
