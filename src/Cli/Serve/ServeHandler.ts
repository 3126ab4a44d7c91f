import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import { isLocal } from "../../Server/Access/AdmissionPolicy.ts"
import * as LogFormat from "../../Server/Operations/LogFormat.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import { ProcessPlace } from "../../Server/Processes/ProcessPlace.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import * as HeapGrowth from "./HeapGrowth.ts"
import * as LibraryOffer from "./LibraryOffer.ts"
import * as ServeAnnouncement from "./ServeAnnouncement.ts"
import * as ServeLogs from "./ServeLogs.ts"
import type { ServeOptions } from "./ServeOptions.ts"
import * as ServeScreen from "./ServeScreen.ts"
import { settingsOf } from "./ServeSettings.ts"
import { untilSignal } from "./ServeUntil.ts"

/** Announces the server when it listens, and that it stops when the layer is closed. */
const announce = (settings: ServerSettings) =>
  Layer.scopedDiscard(
    Effect.gen(function* () {
      const { port } = yield* WebSocketServer
      yield* Effect.addFinalizer(() => ServeAnnouncement.stopping)
      yield* ServeAnnouncement.listening(settings, port)
    })
  )

const WARNING =
  "Anyone who can reach this server may start games and take part in them: set a token (--token-file), or allow this (--insecure)"

const consoleOf = ({ logFormat, quiet }: ServeOptions) =>
  quiet ? ServerConsole.layerSilent : logFormat === "json" ? ServerConsole.layerLog : ServeScreen.layer

/** Runs the whole server in this process. */
const alone = (settings: ServerSettings, logs: ServeLogs.GameLogs) =>
  announce(settings).pipe(
    Layer.provide(RelayServer.layer(settings, HeapGrowth.layer, logs)),
    Layer.launch,
    untilSignal()
  )

const loadProcesses = Effect.promise(() => import("./ServeProcesses.ts"))

/** Runs the server in this process, runs one of several processes, or starts and supervises these. */
const serve = Effect.fnUntraced(function* (given: ServeOptions) {
  const place = yield* ProcessPlace.config
  // Each process is a node of its own and needs its own name.
  const name = Option.zipWith(given.node, place, (node, { number }) => `${node}-${number}`)
  const options = { ...given, node: Option.orElse(name, () => given.node) }
  const settings = yield* settingsOf(options)
  const logs = yield* ServeLogs.layerOf(options)
  if (Option.isSome(place)) return yield* (yield* loadProcesses).member(settings, logs, place.value)
  const isOpen = settings.tokens.length === 0 && !isLocal(settings.host)
  if (isOpen && !options.insecure) yield* Effect.logWarning(WARNING)
  if (options.processes === 1) return yield* alone(settings, logs)
  const { countOf, lead } = yield* loadProcesses
  const count = countOf(options.processes)
  return yield* count > 1 ? lead(settings, count, Option.isSome(options.nats)) : alone(settings, logs)
})

export const run = Effect.fn("serve")(function* (options: ServeOptions) {
  yield* serve(options).pipe(
    Effect.provide(LibraryOffer.layer({ hasControl: false })),
    Effect.provide(consoleOf(options)),
    LogFormat.withFormat(options.logFormat),
    options.quiet ? Logger.withMinimumLogLevel(LogLevel.Warning) : identity
  )
}, Effect.scoped)
