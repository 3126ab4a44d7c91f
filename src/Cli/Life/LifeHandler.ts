/** `effect-c10k life`: makes a plan of the options, plays it, shows it and reports. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { LifeTransport } from "../../Life/Game/LifeTransport.ts"
import * as SocketTransport from "../../Life/Game/SocketTransport.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import * as FileDescriptors from "../../WebSocket/Connection/FileDescriptors.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import * as GamePlan from "../Game/GamePlan.ts"
import * as GamePlay from "../Game/GamePlay.ts"
import * as ServerAddress from "../ServerAddress.ts"
import { asUserError, UserError } from "../UserError.ts"
import type { LifeOptions } from "./LifeOptions.ts"

/** Steps a second unless `--speed` says. */
const SPEED = 1

const certificates = Effect.fn("life.certificates")(function* (file: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.mapError(
    fs.readFileString(file),
    (error) => new UserError({ message: `--ca ${file}: it cannot be read (${error.message})` })
  )
})

const remedyOf = ({ detail, failure, status, url }: ConnectError): string => {
  if (failure === "Tls" && detail.includes("certificate"))
    return "; if you trust the server, give its certificate as --ca"
  if (failure === "Closed" && url.startsWith("ws:")) return "; if it speaks TLS, give a url with wss:"
  if (failure === "Refused") return "; `effect-c10k serve` starts a server"
  return status === 401 || status === 403 ? "; give what the server was started with as --token" : ""
}

/** The game that the server holds, if it is to be carried on, and whether its cells have begun. */
const heldGame = Effect.gen(function* () {
  const transport = yield* LifeTransport
  const held = yield* asUserError(Effect.scoped(transport.held))
  if (held === undefined) {
    return yield* new UserError({
      message: "--resume: the server does not tell which game it holds: start one without it"
    })
  }
  return held
})

const play = Effect.fn("life.play")(function* (options: LifeOptions) {
  const held = options.resume ? yield* heldGame : undefined
  const plan = yield* GamePlan.make(options, held)
  const run = yield* GamePlay.runOptions(options, SPEED)
  yield* asUserError(
    FileDescriptors.ensure(plan.start.cells.length, `${plan.start.cells.length.toLocaleString("en-US")} cells`)
  )
  if (held !== undefined) yield* GamePlan.ensureSame(plan, held)
  const hasBegun = held !== undefined && (held.phase === "running" || held.phase === "ended")
  yield* GamePlay.play(plan, { ...run, resume: hasBegun }, options).pipe(
    Effect.catchTag("ConnectError", (error) => new UserError({ message: `${error.message}${remedyOf(error)}` })),
    asUserError
  )
})

export const run = Effect.fn("life")(function* (options: LifeOptions) {
  const url = yield* ServerAddress.parse(options.url)
  const ca = Option.isSome(options.ca) ? yield* certificates(options.ca.value) : undefined
  const transport = SocketTransport.layer({
    url,
    ...(Option.isSome(options.token)
      ? { headers: { authorization: `Bearer ${Redacted.value(options.token.value)}` } }
      : {}),
    ...(ca === undefined ? {} : { ca })
  })
  yield* play(options).pipe(Effect.provide([transport.pipe(Layer.provide(Reactor.layer())), PatternLibrary.layer]))
})
