/** `serve --processes`: several processes form one server. They share their games through the log. */
import { availableParallelism } from "node:os"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Exposition } from "../../Server/Operations/Exposition.ts"
import { Metrics } from "../../Server/Operations/Metrics.ts"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"
import * as PrivateNats from "../../Server/Processes/PrivateNats.ts"
import type { ProcessPlace } from "../../Server/Processes/ProcessPlace.ts"
import { SharedProcess } from "../../Server/Processes/SharedProcess.ts"
import * as Supervisor from "../../Server/Processes/Supervisor.ts"
import * as RelayServer from "../../Server/RelayServer.ts"
import type { ServerSettings } from "../../Server/ServerConfig.ts"
import { WebSocketServer } from "../../WebSocket/Api/WebSocketServer.ts"
import * as HttpListener from "../../WebSocket/Http/HttpListener.ts"
import { EndWith } from "../ExitStatus.ts"
import * as HeapGrowth from "./HeapGrowth.ts"
import * as ServeAnnouncement from "./ServeAnnouncement.ts"
import type { GameLogs } from "./ServeLogs.ts"
import { variableOf } from "./ServeOptions.ts"
import { untilDrained, untilSignal } from "./ServeUntil.ts"

/** How many processes `--processes` asks for. */
export const countOf = (processes: number | "auto"): number =>
  processes === "auto" ? availableParallelism() : processes

/** Milliseconds that clients have to answer a close. */
const ANSWERS = 5000
/** Milliseconds that a process has to end after all clients were asked to close (`--drain`). */
const EXIT_LIMIT = 15_000

/** Runs one of the processes. */
export const member = Effect.fn("serve.member")(function* (
  settings: ServerSettings,
  logs: GameLogs,
  place: ProcessPlace
) {
  const { console, drained, exposition, listening } = yield* SharedProcess
  const reported = Layer.scopedDiscard(
    Effect.gen(function* () {
      const { port } = yield* WebSocketServer
      const { text } = yield* Metrics
      yield* listening(port, text)
    })
  )
  const server = RelayServer.layer(
    { ...settings, port: place.port, reusePort: HttpListener.canReusePort, maxMemory: settings.maxMemory / place.of },
    HeapGrowth.layer,
    logs
  )
  yield* reported.pipe(
    Layer.provide(server),
    Layer.provide(Layer.succeed(Exposition, exposition)),
    Layer.launch,
    // All processes see the same games, so only the first one prints their events.
    Effect.provide(place.number === 1 ? Layer.succeed(ServerConsole, console) : ServerConsole.layerSilent),
    Effect.annotateLogs("process", place.number),
    untilDrained(drained)
  )
}, Effect.provide(SharedProcess.layer))

/** Starts and supervises `count` processes. Without `--nats` (`hasNats`) it also starts a NATS server of its own for their log. */
export const lead = Effect.fn("serve.lead")(function* (settings: ServerSettings, count: number, hasNats: boolean) {
  const { drain, host, port } = settings
  // The processes share the port with each other. They would also share it with another program, so it must be free first.
  if (port !== 0) yield* HttpListener.probe(host, port)
  const environment = hasNats ? {} : { [variableOf("nats")]: (yield* PrivateNats.make()).url }
  const team = yield* Supervisor.make({
    count,
    port,
    listensItself: HttpListener.canReusePort,
    environment,
    turn: drain + ANSWERS,
    patience: drain + EXIT_LIMIT,
    onListening: (port) => ServeAnnouncement.listening(settings, port),
    console: yield* ServerConsole
  })
  yield* team.run.pipe(
    Effect.catchTag("ProcessesFailed", ({ status }) => new EndWith({ status })),
    untilSignal(Effect.zipRight(ServeAnnouncement.stopping, team.drain))
  )
})
