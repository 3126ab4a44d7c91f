/** Servers with channels, over sockets and in memory, and clients for them: `centrifuge` from npm, and bare WebSockets. */
import { Centrifuge, type Options, type Subscription } from "centrifuge"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import { WebSocket } from "ws"
import { Channels } from "../../src/Channels/Channels.ts"
import type { ChannelsOptions } from "../../src/Channels/ChannelsOptions.ts"
import { Logs } from "../../src/Log/Log.ts"
import * as MemoryLogs from "../../src/Log/MemoryLogs.ts"
import * as TestServer from "../../src/WebSocket/Api/TestServer.ts"
import { WebSocketServer } from "../../src/WebSocket/Api/WebSocketServer.ts"
import { Connector } from "../../src/WebSocket/Client/Connector.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import * as Codec from "../../src/WebSocket/Conversation/Codec.ts"
import type { Conversation } from "../../src/WebSocket/Conversation/Conversation.ts"
import { WebSocketRouter } from "../../src/WebSocket/Http/WebSocketRouter.ts"
import { eventually } from "../eventually.ts"
import { stateLimit } from "../limits.ts"
import { options } from "./options.ts"

export type Given = Partial<ChannelsOptions<never, never, never>>

interface ClientSocket {
  onopen: () => void
  onmessage: (event: { readonly data: unknown }) => void
  onclose: (event: { readonly code: number; readonly reason: string }) => void
  readonly send: (text: string) => void
  readonly close: () => void
}

/** A server that clients can reach, with the class of their WebSockets. */
export interface Server {
  readonly url: string
  readonly WebSocket: new (url: string) => ClientSocket
  readonly channels: Channels["Type"]
}

const quiet = Logger.replace(Logger.defaultLogger, Logger.none)

/** A server on a free port, or on `port`. With `logs`, its channels are shared under `name`. */
export const served = (
  given: Given = {},
  { logs, name, port = 0 }: { readonly port?: number; readonly name?: string; readonly logs?: Logs["Type"] } = {}
): Effect.Effect<Server, never, Scope.Scope> => {
  const all = { ...options, ...given }
  const channels =
    logs === undefined || name === undefined
      ? Channels.layer(all)
      : Layer.orDie(Channels.layerShared({ ...all, name, heartbeat: 500 }))
  const server = WebSocketServer.layer({ host: "127.0.0.1", port }).pipe(
    Layer.provideMerge(channels),
    Layer.provide([WebSocketRouter.layer, Reactor.layer()]),
    Layer.provide(logs === undefined ? MemoryLogs.layer() : Layer.succeed(Logs, logs)),
    Layer.provide(quiet)
  )
  return Effect.map(Layer.build(Layer.orDie(server)), (context) => ({
    url: `ws://127.0.0.1:${Context.get(context, WebSocketServer).port}/connection/websocket`,
    WebSocket: WebSocket as unknown as Server["WebSocket"],
    channels: Context.get(context, Channels)
  }))
}

/** A server in memory, with the test's clock. */
export const inMemory = (given: Given = {}, logger = quiet): Effect.Effect<Server, never, Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* Layer.build(
      Channels.layer({ ...options, ...given }).pipe(Layer.provideMerge(TestServer.layer()), Layer.provide(logger))
    )
    const runtime = yield* Effect.runtime<never>()
    return {
      url: "ws://test/connection/websocket",
      WebSocket: memoryWebSocket(Context.get(context, Connector), Runtime.runFork(runtime)),
      channels: Context.get(context, Channels)
    }
  })

type Fork = <A, E>(effect: Effect.Effect<A, E>) => unknown

/** The `WebSocket` of browsers, over a connector in memory. */
const memoryWebSocket = (connector: Connector["Type"], fork: Fork): Server["WebSocket"] =>
  class {
    readyState = 0
    onopen: () => void = () => {}
    onmessage: (event: { readonly data: unknown }) => void = () => {}
    onclose: (event: { readonly code: number; readonly reason: string }) => void = () => {}
    onerror: (error: unknown) => void = () => {}
    readonly #scope = Effect.runSync(Scope.make())
    #talk: Conversation | undefined

    constructor(url: string) {
      fork(
        Scope.extend(connector.connect({ url: new URL(url) }, Codec.raw), this.#scope).pipe(
          Effect.flatMap((talk) => {
            this.#talk = talk
            this.readyState = 1
            this.onopen()
            return talk.forEach((data) => Effect.sync(() => this.onmessage({ data })))
          }),
          Effect.match({
            onFailure: () => this.onclose({ code: 1006, reason: "" }),
            onSuccess: (close) => this.onclose(close)
          })
        )
      )
    }

    send(data: string): void {
      this.#talk?.offer(data)
    }

    close(): void {
      if (this.#talk !== undefined) fork(this.#talk.close())
    }
  }

/** A client of npm's `centrifuge`, which is disconnected with the scope. */
export const centrifuge = (
  { url, WebSocket }: Server,
  given: Partial<Options> = {}
): Effect.Effect<Centrifuge, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const delays = { minReconnectDelay: 10, maxReconnectDelay: 200, timeout: stateLimit() }
      return new Centrifuge(url, { websocket: WebSocket, token: "user:ada", ...delays, ...given })
    }),
    (client) => Effect.sync(() => client.disconnect())
  )

/** The events of a subscription, in their order. */
export const watch = (client: Centrifuge, channel: string, options = {}) => {
  const subscription = client.newSubscription(channel, options)
  const data: Array<unknown> = []
  const events: Array<string> = []
  const recoveries: Array<readonly [wasRecovering: boolean, recovered: boolean]> = []
  subscription.on("publication", (context) => data.push(context.data))
  subscription.on("join", ({ info }) => events.push(`join ${info.user}`))
  subscription.on("leave", ({ info }) => events.push(`leave ${info.user}`))
  subscription.on("subscribed", ({ recovered, wasRecovering }) => recoveries.push([wasRecovering, recovered]))
  subscription.on("unsubscribed", ({ code, reason }) => events.push(`${code} ${reason}`))
  subscription.subscribe()
  client.connect()
  return { subscription, data, events, recoveries }
}

export const ready = ({ subscription }: { readonly subscription: Subscription }) =>
  Effect.promise(() => subscription.ready(stateLimit()))

export const until = (assertion: () => void) => Effect.promise(() => eventually(assertion))

/** Ends the connection as a network does. */
export const cut = (client: Centrifuge): void => {
  // The transport of the client, which has no other way to lose its connection.
  const { _transport } = client as unknown as {
    _transport: { _transport: { terminate?: () => void; close: () => void } }
  }
  const socket = _transport._transport
  if (socket.terminate === undefined) socket.close()
  else socket.terminate()
}

/** A WebSocket that keeps what it gets. */
interface Bare {
  readonly close: () => void
  readonly send: (...commands: ReadonlyArray<unknown>) => void
  /** The replies and pushes, decoded, but without the ids of clients and epochs. */
  readonly received: Array<unknown>
  closed: string | undefined
}

/** Opens a WebSocket. `send` takes texts as they are, and encodes anything else. */
export const bare = ({ url, WebSocket }: Server): Effect.Effect<Bare> =>
  Effect.async((resume) => {
    const socket = new WebSocket(url)
    const text = (command: unknown) => (typeof command === "string" ? command : JSON.stringify(command))
    const one: Bare = {
      received: [],
      closed: undefined,
      send: (...all) => socket.send(all.map(text).join("\n")),
      close: () => socket.close()
    }
    socket.onopen = () => resume(Effect.succeed(one))
    socket.onmessage = ({ data }) => {
      for (const line of String(data).split("\n")) one.received.push(JSON.parse(line, withoutChance))
    }
    socket.onclose = ({ code, reason }) => {
      one.closed = `${code} ${reason}`
    }
  })

const withoutChance = (key: string, value: unknown): unknown =>
  (key === "client" || key === "epoch") && typeof value === "string" ? key : value
