/** The process of a demo's clients: plays the games that the server's process (`DemoHandler`) asks for. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Queue from "effect/Queue"
import * as SocketTransport from "../../Life/Game/SocketTransport.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import { parseControlRequest } from "../../Protocol/Control.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import type { PageRequest } from "../ControlChannel.ts"
import * as GamePlay from "../Game/GamePlay.ts"
import * as GameView from "../Game/GameView.ts"
import * as OwnProcess from "../OwnProcess.ts"
import { FromClients, type Play, ToClients } from "./ClientsMessage.ts"
import * as DemoGames from "./DemoGames.ts"
import { type DemoOptions, SPEED } from "./DemoOptions.ts"

const post = OwnProcess.answering(FromClients)

const play = Effect.fn("demo.clients")(function* (options: DemoOptions) {
  const asked = yield* Queue.unbounded<PageRequest>()
  const assigned = yield* Deferred.make<Play>()
  const take = (order: ToClients) => {
    if (order._tag === "Play") return Deferred.unsafeDone(assigned, Effect.succeed(order))
    const { id } = order
    const request = parseControlRequest(order.request)
    if (request !== undefined) asked.unsafeOffer({ request, refuse: (reason) => post({ _tag: "Refused", id, reason }) })
  }
  yield* OwnProcess.listen(ToClients, take)
  const view = yield* GameView.open(options)
  post({ _tag: "Ready", isShown: view.isShown })
  const order = yield* Deferred.await(assigned)
  const transport = SocketTransport.layer({ url: new URL(order.url) }).pipe(Layer.provide(Reactor.layer()))
  const run = GamePlay.runOptions(options, SPEED)
  yield* Effect.provide(DemoGames.play(order, { view, asked, post, run }), transport)
}, Effect.scoped)

export const run = Effect.fn("demo.clients")(
  (options: DemoOptions) => Effect.raceFirst(play(options), OwnProcess.abandoned),
  Effect.provide(PatternLibrary.layer)
)
