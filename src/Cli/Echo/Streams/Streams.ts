/** `--stream KIND=PLACE`: sends the figures of a run to other tools during the run. Each kind is loaded when it is used. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Scope from "effect/Scope"
import * as Authority from "../../../Text/Authority.ts"
import type { Output } from "../../Output.ts"
import { UserError } from "../../UserError.ts"
import type { Sink } from "./Sink.ts"

const kinds = {
  jsonl: "a file, or - for standard output",
  prometheus: "a port, or HOST:PORT, at which to serve /metrics",
  "remote-write": "the URL of the receiver, such as http://localhost:9090/api/v1/write",
  statsd: "HOST:PORT",
  otlp: "the URL for metrics, such as http://localhost:4318/v1/metrics"
} as const

const isKind = (text: string): text is keyof typeof kinds => Object.hasOwn(kinds, text)

const refuse = (name: string, expected: string) => UserError.of(`--stream ${name}: expected ${expected}`)

const urlOf = (place: string): string | undefined =>
  URL.canParse(place) && /^https?:$/.test(new URL(place).protocol) ? place : undefined

/** Opens the sink of `name` (KIND=PLACE) until the scope closes. Fails with a `UserError`. */
export const open = Effect.fn("Streams.open")(function* (
  name: string
): Effect.fn.Return<Sink, UserError, FileSystem.FileSystem | Output | Scope.Scope> {
  const at = name.indexOf("=")
  const kind = at < 0 ? name : name.slice(0, at)
  const place = name.slice(at + 1)
  if (at < 0 || place === "" || !isKind(kind)) {
    const list = Object.entries(kinds).map(([each, what]) => `${each}= with ${what}`)
    return yield* refuse(name, list.join("; "))
  }
  const of = <A>(value: A | undefined) => Either.fromNullable(value, () => refuse(name, `${kind}= with ${kinds[kind]}`))
  const address = of(Authority.parse(place, "127.0.0.1"))
  const url = of(urlOf(place))
  switch (kind) {
    case "jsonl":
      return yield* (yield* Effect.promise(() => import("./JsonLines.ts"))).make(name, place)
    case "prometheus":
      return yield* (yield* Effect.promise(() => import("./PrometheusPage.ts"))).make(name, yield* address)
    case "statsd":
      return yield* (yield* Effect.promise(() => import("./Statsd.ts"))).make(name, yield* address)
    case "remote-write":
      return yield* (yield* Effect.promise(() => import("./RemoteWriteSink.ts"))).make(name, yield* url)
    case "otlp":
      return yield* (yield* Effect.promise(() => import("./Otlp.ts"))).make(name, yield* url)
  }
})
