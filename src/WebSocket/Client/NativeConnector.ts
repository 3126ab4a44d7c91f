/** Connections over the `WebSocket` of a browser, Deno, Bun, or Node from version 22 on. */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Codec } from "../Conversation/Codec.ts"
import type { Conversation } from "../Conversation/Conversation.ts"
import { TransportConversation } from "../Conversation/TransportConversation.ts"
import { type ConnectError, connectError, mayPass } from "../Http/ConnectError.ts"
import { Connector, type ConnectorOptions } from "./Connector.ts"
import { type NativeSocket, NativeTransport } from "./NativeTransport.ts"

type Constructor = new (url: string, protocols: Array<string>) => NativeSocket

/** A connector over the global `WebSocket`, or over another implementation of the same interface. */
export const layer = (WebSocket: Constructor = (globalThis as { WebSocket?: Constructor }).WebSocket!) =>
  Layer.succeed(
    Connector,
    Connector.of({
      connect: (options, codec) =>
        // Not `acquireRelease`, because connecting may take long and must be interruptible.
        Effect.uninterruptibleMask((restore) =>
          Effect.suspend(() => {
            let close = Effect.void
            const opening = open(WebSocket, options, codec, (conversation) => {
              close = conversation.close()
            })
            return restore(opening).pipe(
              // It may be open already, and nobody has it.
              Effect.onError(() => close),
              Effect.tap(() => Effect.addFinalizer(() => close))
            )
          })
        )
    })
  )

const DEFAULT_TIMEOUT = 30_000

const open = <In, Out, Invalid>(
  WebSocket: Constructor,
  { headers = {}, protocols = [], timeout = DEFAULT_TIMEOUT, url }: ConnectorOptions,
  codec: Codec<In, Out, Invalid>,
  onOpen: (conversation: Conversation<In, Out, Invalid>) => void
): Effect.Effect<Conversation<In, Out, Invalid>, ConnectError> =>
  Effect.async<Conversation<In, Out, Invalid>, ConnectError>((resume) => {
    const socket =
      Object.keys(headers).length > 0
        ? new Error("this platform's WebSocket can't send headers: use a cookie, the query, or a message")
        : make(WebSocket, url, protocols)
    if (socket instanceof Error) return resume(Effect.fail(connectError(url, "Request", socket.message)))
    socket.binaryType = "arraybuffer"
    // `onclose` follows and has more to say. The package `ws` throws an error for which there is no listener.
    socket.onerror = () => {}
    socket.onclose = () => resume(Effect.flatMap(probe(url), Effect.fail))
    socket.onopen = () => {
      const transport = new NativeTransport(socket)
      const conversation = new TransportConversation(
        transport,
        codec,
        socket.protocol === "" ? undefined : socket.protocol
      )
      socket.onmessage = ({ data }) => conversation.onMessage(typeof data === "string" ? data : new Uint8Array(data))
      socket.onclose = (close) => {
        transport.settle()
        conversation.onClose(close)
      }
      onOpen(conversation)
      resume(Effect.succeed(conversation))
    }
    return Effect.sync(() => {
      socket.onopen = socket.onclose = null
      socket.close()
    })
  }).pipe(
    Effect.timeoutFail({
      duration: Duration.millis(timeout),
      onTimeout: () => connectError(url, "Timeout", `no connection within ${timeout / 1000} s`)
    })
  )

/** How to ask: an answer of another origin counts too, and an old one does not. */
const anonymous = { mode: "no-cors", cache: "no-store", credentials: "omit", redirect: "manual" } as const

/** Milliseconds for the answer of a server that may be away. */
const PROBE = 5000

/**
 * Why there is no connection. A page does not learn that from its WebSocket, so it asks the same url by HTTP: who answers
 * is there, and has refused the handshake. Statuses that may pass are those of a proxy whose server is away.
 */
const probe = (url: URL): Effect.Effect<ConnectError> => {
  const page = new URL(url.href.replace(/^ws/, "http"))
  const ask = Effect.tryPromise((signal) => fetch(page, { ...anonymous, signal }))
  return Effect.match(Effect.timeout(ask, PROBE), {
    onFailure: () => connectError(url, "Unreachable", "the server does not answer"),
    onSuccess: ({ status, statusText }) =>
      mayPass(status)
        ? connectError(url, "Status", "", { status, phrase: statusText })
        : connectError(url, "Handshake", "the server answers, but refuses the handshake: a page does not learn why")
  })
}

/** The constructor throws if the url or a subprotocol is invalid. */
const make = (WebSocket: Constructor, url: URL, protocols: ReadonlyArray<string>): NativeSocket | Error => {
  try {
    return new WebSocket(url.href, [...protocols])
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}
