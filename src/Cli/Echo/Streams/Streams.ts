/** `--stream KIND=PLACE`: sends the figures of a run to other tools during the run. Each kind is loaded when it is used. */
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
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

const refuse = (name: string, expected: string) => new UserError({ message: `--stream ${name}: expected ${expected}` })

const checkUrl = (name: string, place: string, expected: string) =>
  URL.canParse(place) && /^https?:$/.test(new URL(place).protocol)
    ? Effect.succeed(place)
    : Effect.fail(refuse(name, expected))

const checkAddress = (name: string, place: string, expected: string, defaultHost: string) => {
  const address = Authority.parse(place, defaultHost)
  return address === undefined ? Effect.fail(refuse(name, expected)) : Effect.succeed(address)
}

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
  const expected = `${kind}= with ${kinds[kind]}`
  switch (kind) {
    case "jsonl": {
      const { make } = yield* Effect.promise(() => import("./JsonLines.ts"))
      return yield* make(name, place)
    }
    case "prometheus": {
      const { host, port } = yield* checkAddress(name, place, expected, "127.0.0.1")
      const { make } = yield* Effect.promise(() => import("./PrometheusPage.ts"))
      return yield* make(name, host, port)
    }
    case "statsd": {
      const { host, port } = yield* checkAddress(name, place, expected, "127.0.0.1")
      const { make } = yield* Effect.promise(() => import("./Statsd.ts"))
      return yield* make(name, host, port)
    }
    case "remote-write": {
      const url = yield* checkUrl(name, place, expected)
      const { make } = yield* Effect.promise(() => import("./RemoteWriteSink.ts"))
      return yield* make(name, url)
    }
    case "otlp": {
      const url = yield* checkUrl(name, place, expected)
      const { make } = yield* Effect.promise(() => import("./Otlp.ts"))
      return yield* make(name, url)
    }
  }
})
