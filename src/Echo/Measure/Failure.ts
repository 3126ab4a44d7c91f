import * as Schema from "effect/Schema"
import { format as formatMillis } from "../../Text/Milliseconds.ts"

/** Why a conversation failed. `docs/echo.md` explains each cause. */
export const Cause = Schema.Literal(
  "refused",
  "reset",
  "timeout",
  "handshake",
  "http",
  "tls",
  "proxy",
  "dns",
  "unreachable",
  "local",
  "wrong reply",
  "unexpected message",
  "early close",
  "scenario",
  "script"
)
export type Cause = typeof Cause.Type

/** One failed conversation. All failures of a group have the same `kind`; `detail` is for this one. */
export interface Failure {
  readonly cause: Cause
  readonly kind: string
  readonly detail: string
  /** Whether the same request would be refused again, whoever sends it. Not unless given. */
  readonly isFinal?: boolean
}

/** A failure because `what` did not come within `timeout` milliseconds. */
export const timedOut = (what: string, timeout: number, detail = ""): Failure => {
  const kind = `${what} within ${formatMillis(timeout)}`
  return { cause: "timeout", kind, detail: detail === "" ? kind : `${kind}: ${detail}` }
}

export const Example = Schema.Struct({
  client: Schema.Number,
  /** Milliseconds since the start of the run. */
  at: Schema.Number,
  detail: Schema.String
})
export type Example = typeof Example.Type

export const FailureGroup = Schema.Struct({
  cause: Cause,
  kind: Schema.String,
  count: Schema.Number,
  /** The first few failures, in order of time. */
  examples: Schema.Array(Example)
})
export type FailureGroup = typeof FailureGroup.Type

const EXAMPLES = 3
/** The most groups. Kinds contain text from the server, so their number needs a limit. All further kinds share one group. */
const GROUPS = 50

/** Counts failures by cause and kind, and keeps the first examples of each. So a million failures need no more memory than a few. */
export class FailureLog {
  readonly #groups = new Map<
    string,
    { readonly cause: Cause; readonly kind: string; count: number; examples: Array<Example> }
  >()

  add({ cause, detail, kind }: Failure, client: number, at: number): void {
    this.#merge({ cause, kind, count: 1, examples: [{ client, at, detail }] })
  }

  clear(): void {
    this.#groups.clear()
  }

  addAll(groups: ReadonlyArray<FailureGroup>): void {
    for (const group of groups) this.#merge(group)
  }

  static sum(a: ReadonlyArray<FailureGroup>, b: ReadonlyArray<FailureGroup>): ReadonlyArray<FailureGroup> {
    if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a
    const log = new FailureLog()
    log.addAll(a)
    log.addAll(b)
    return log.groups
  }

  /** The most frequent first. */
  get groups(): ReadonlyArray<FailureGroup> {
    return [...this.#groups.values()].toSorted((a, b) => b.count - a.count || (a.kind < b.kind ? -1 : 1))
  }

  #merge(group: FailureGroup): void {
    const known = this.#groups.get(`${group.cause} ${group.kind}`)
    const kind = known === undefined && this.#groups.size >= GROUPS ? "other" : group.kind
    const key = `${group.cause} ${kind}`
    const into = this.#groups.get(key) ?? { cause: group.cause, kind, count: 0, examples: [] }
    this.#groups.set(key, into)
    into.count += group.count
    if (into.examples.length === EXAMPLES && group.examples[0]!.at >= into.examples[EXAMPLES - 1]!.at) return
    into.examples = [...into.examples, ...group.examples].toSorted((a, b) => a.at - b.at).slice(0, EXAMPLES)
  }
}
