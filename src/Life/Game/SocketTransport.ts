/** Each cell has its own WebSocket. If the server lists its nodes, neighbours connect to the same one. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { CloseReason } from "../../Protocol/CloseReason.ts"
import { formatReset, type Reset } from "../../Protocol/Protocol0.ts"
import * as WatchDecoder from "../../Protocol/WatchDecoder.ts"
import { SUBPROTOCOL } from "../../Protocol/WatchProtocol.ts"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import * as ConversationClient from "../../WebSocket/Api/ConversationClient.ts"
import type { Handler } from "../../WebSocket/Connection/Handler.ts"
import { Reactor } from "../../WebSocket/Connection/Reactor.ts"
import { CloseCode } from "../../WebSocket/Frames/CloseCode.ts"
import * as Client from "../../WebSocket/Http/Client.ts"
import type { ConnectError } from "../../WebSocket/Http/ConnectError.ts"
import { getText } from "../../WebSocket/Http/GetText.ts"
import { GameClosed, type GameFailure, NotARelay } from "./GameClosed.ts"
import { type CellConnection, LifeTransport, type ServerGame } from "./LifeTransport.ts"
import { addressesIn, listAddressOf, NodePlacement } from "./NodePlacement.ts"

export interface SocketTransportOptions {
  /** The address of the relay. The paths `worker/`, `reset/` and `watcher/` are under it. */
  readonly url: URL
  /** More headers of each handshake, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Certificates (PEM) to trust instead of those of the system. */
  readonly ca?: string
  /** Called before the first reset if the server has another game, which the reset ends. */
  readonly onOtherGame?: (game: ServerGame) => void
  /** Waits until another process has asked the server for the game. Unless given, this one asks itself. */
  readonly asked?: Effect.Effect<void, ConnectError | GameFailure>
}

export const layer = (options: SocketTransportOptions): Layer.Layer<LifeTransport, never, Reactor> =>
  Layer.effect(LifeTransport, make(options))

/** Milliseconds that a server has to say which game it holds. */
const GAME_TIMEOUT = 2000

/** Milliseconds that a server has to list its nodes, and the most characters of the list. Without it cells are not placed. */
const LIST_TIMEOUT = 2000
const LONGEST_LIST = 256 * 1024

/** After this time without an answer to a reset, the log says that the server may be another program. */
const ANSWER_LIMIT = "8 seconds"

const silent = Effect.logWarning(
  "The server has not answered the request for a game yet: is it `effect-c10k serve`? (Ctrl-C ends)"
).pipe(Effect.delay(ANSWER_LIMIT))

const tooManyStates = new GameClosed({ code: CloseReason.BadSize.code, reason: "it knows cells of two states only" })

const make = Effect.fnUntraced(function* (options: SocketTransportOptions) {
  const { ca, headers = {}, onOtherGame, url } = options
  const reactor = yield* Reactor

  const optionsOf = (path: string, base: URL = url) => ({
    url: WebSocketUrl.under(base, path),
    headers,
    ...(ca === undefined ? {} : { ca })
  })

  const talk = (path: string, protocols: ReadonlyArray<string> = []) =>
    Effect.provideService(ConversationClient.connect({ ...optionsOf(path), protocols }), Reactor, reactor)

  let placement: NodePlacement | undefined
  /** Learns at which nodes cells of a game can be. */
  const place = ({ height, width }: Pick<ServerGame, "height" | "width">) =>
    Effect.map(getText({ url: listAddressOf(url), ca, timeout: LIST_TIMEOUT, most: LONGEST_LIST }), (text = "") => {
      const nodes = addressesIn(text, url)
      if (placement?.isOf(width, height) === true) placement.listed(nodes)
      else placement = nodes.length < 2 ? undefined : new NodePlacement(width, height, nodes)
    })

  const askedGame = Effect.gen(function* () {
    const conversation = yield* talk("watcher/", [SUBPROTOCOL])
    if (conversation.protocol !== SUBPROTOCOL) return undefined
    const blocks = Stream.mapConcat(conversation.messages, (message) =>
      typeof message === "string" ? [] : (WatchDecoder.decode(message) ?? [])
    )
    const game = yield* Deferred.make<Omit<ServerGame, "phase">>()
    return yield* blocks.pipe(
      Stream.tap((block) => (block._tag === "Game" ? Deferred.succeed(game, block) : Effect.void)),
      Stream.filter((block) => block._tag === "Status"),
      Stream.runHead,
      Effect.flatMap((status) =>
        status._tag === "None"
          ? Effect.succeed(undefined)
          : Effect.map(Deferred.await(game), (known): ServerGame => ({ ...known, phase: status.value.phase }))
      ),
      Effect.timeoutTo({ duration: GAME_TIMEOUT, onTimeout: () => undefined, onSuccess: (known) => known })
    )
  })

  const serverGame = Effect.tap(askedGame, (game) => (game === undefined ? Effect.void : place(game)))

  let hasReset = false
  const isInPlay = ({ phase }: ServerGame): boolean => phase !== "idle" && phase !== "ended"

  const ask = Effect.fn("SocketTransport.reset")(function* (asked: Reset) {
    // A server that speaks only protocol 0 understands the size of a square and nothing else.
    const present = yield* askedGame
    const isOriginal = present === undefined
    if (!hasReset && present !== undefined && isInPlay(present)) onOtherGame?.(present)
    hasReset = true
    if (isOriginal && asked.width !== asked.height) {
      return yield* new GameClosed({ code: CloseReason.BadSize.code, reason: "it knows square grids only" })
    }
    if (isOriginal && asked.stateCount > 2) return yield* tooManyStates
    const conversation = yield* talk("reset/")
    // If the reset can't be sent, the connection has ended. The close below tells why.
    yield* Effect.ignore(conversation.send(formatReset(isOriginal ? { ...asked, topology: "" } : asked)))
    // A relay answers by closing the connection. Another server may echo the message, or wait for more.
    const answer = Effect.flatMap(Stream.runHead(conversation.messages), (message) =>
      message._tag === "None"
        ? Effect.never
        : new NotARelay({ detail: "it answered a request for a new game with a message" })
    )
    yield* Effect.forkScoped(silent)
    const { code, reason } = yield* Effect.raceFirst(conversation.closed, answer)
    // An older version of our server can't read a reset with a number of states.
    if (asked.stateCount > 2 && code === CloseReason.BadSize.code && reason === CloseReason.BadSize.reason)
      return yield* tooManyStates
    // The original closes without a code.
    if (code !== CloseCode.Normal && code !== CloseCode.NoStatus) return yield* new GameClosed({ code, reason })
    placement = undefined
    if (!isOriginal) yield* place(asked)
  }, Effect.scoped)
  const wait = (by: Effect.Effect<void, ConnectError | GameFailure>) => (asked: Reset) =>
    Effect.zipRight(
      by,
      Effect.suspend(() => {
        placement = undefined
        return place(asked)
      })
    )
  const reset = options.asked === undefined ? ask : wait(options.asked)

  const worker = Client.prepare(optionsOf("worker/"))
  const workers = new Map<string, typeof worker>()
  const workerAt = (node: string) => {
    const known = workers.get(node) ?? Client.prepare(optionsOf("worker/", new URL(node)))
    workers.set(node, known)
    return known
  }
  const connect = (
    at: typeof worker,
    onOpen: (link: CellConnection) => Handler,
    onFailure: (error: ConnectError) => void
  ) => Client.unsafeConnectPrepared(reactor, at, { onOpen, onFailure })

  return LifeTransport.of({
    reset,
    unsafeConnect: (cell, onOpen, onFailure) => {
      const known = placement
      const node = known?.nodeOf(cell, performance.now())
      if (node === undefined) return connect(worker, onOpen, onFailure)
      let giveUp = connect(workerAt(node), onOpen, () => {
        known?.lost(node, performance.now())
        giveUp = connect(worker, onOpen, onFailure)
      })
      return () => giveUp()
    },
    serverGame
  })
})
