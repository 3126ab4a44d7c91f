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
import { UserError } from "../UserError.ts"
import * as HeapGrowth from "./HeapGrowth.ts"
import * as ServeAnnouncement from "./ServeAnnouncement.ts"
import type { GameLogs } from "./ServeLogs.ts"
import { variableOf } from "./ServeOptions.ts"
import { untilDrained, untilSignal } from "./ServeUntil.ts"

export const countOf = (processes: number | "auto"): number =>
  processes === "auto" ? availableParallelism() : processes

/** Milliseconds that clients have to answer a close. */
const ANSWERS = 5000
/** Milliseconds that a process has to end after all clients were asked to close (`--drain`). */
const EXIT_LIMIT = 15_000

/**
 * With `--advertise`, each process also listens on a port of its own, so that `life` can choose the process of a cell: the first
 * process on the port of that URL, the second on the next one, and so on.
 */
const ownPlace = ({ advertise }: ServerSettings, number: number) => {
  if (advertise === "") return {}
  const url = new URL(advertise)
  const ownPort = Number(url.port) + number - 1
  url.port = String(ownPort)
  return { advertise: url.href, ownPort }
}

/** The ports that `--advertise` asks for must exist, and must not be the one that all processes share. */
const checkAdvertised = Effect.fnUntraced(function* ({ advertise, port }: ServerSettings, count: number) {
  if (advertise === "") return
  const first = Number(new URL(advertise).port)
  const last = first + count - 1
  const expected = `expected a URL with the first of ${count} free ports, one for each process`
  if (first === 0 || last > 65_535 || (first <= port && port <= last))
    return yield* UserError.of(`--advertise ${advertise}: ${expected}, such as ws://HOST:9001`)
})

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
    {
      ...settings,
      ...ownPlace(settings, place.number),
      port: place.port,
      reusePort: HttpListener.canReusePort,
      maxMemory: settings.maxMemory / place.of
    },
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
  yield* checkAdvertised(settings, count)
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
