import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Dialer, type DialHandler } from "../../../src/Echo/Load/Dialer.ts"
import * as EffectTimer from "../../../src/Time/EffectTimer.ts"
import type { Timer } from "../../../src/Time/Timer.ts"
import type { Message } from "../../../src/WebSocket/Frames/Message.ts"
import type { Behaviour, Peer } from "../Peer.ts"

const connect = (behaviour: Behaviour, timer: Timer, path: string, handler: DialHandler): void => {
  let open = true
  const deliver = (act: () => void) => queueMicrotask(() => act())
  const end = (code: number, reason: string) => {
    if (!open) return
    open = false
    deliver(() => handler.onClose({ code, reason }))
  }
  const peer: Peer = {
    path,
    send: (message) => {
      if (open) deliver(() => handler.onMessage(message))
    },
    close: (code, reason = "") => end(code, reason),
    drop: () => end(1006, ""),
    timer,
    onMessage: () => {}
  }
  handler.onOpen(
    {
      queued: 0,
      send: (message: Message) => {
        if (open) deliver(() => peer.onMessage(message))
      },
      ping: (payload) => deliver(() => handler.onPong?.(payload)),
      close: (code, reason) => end(code, reason),
      terminate: () => end(1006, "")
    },
    { connect: 0.1, handshake: 0.2 }
  )
  behaviour(peer)
}

const refuse = (host: string, handler: DialHandler): void =>
  handler.onFailure({
    cause: "refused",
    kind: `nothing listens at ${host}`,
    detail: `connect ECONNREFUSED ${host}`
  })

/** Without sockets there are no frames to count. */
const nothing = { bytesSent: 0, bytesReceived: 0 }

/**
 * A network in memory: every connection gets `behaviour`, and every message takes one turn of the event loop. Nothing listens while
 * `isDown` is true.
 */
export const layer = (behaviour: Behaviour, isDown: () => boolean = () => false): Layer.Layer<Dialer> =>
  Layer.effect(
    Dialer,
    Effect.map(EffectTimer.make, (timer) => ({
      volume: nothing,
      unsafeDial: (target, handler) => {
        let wanted = true
        queueMicrotask(() => {
          if (!wanted) return
          if (isDown()) refuse(target.url.host, handler)
          else connect(behaviour, timer, target.url.pathname, handler)
        })
        return () => {
          wanted = false
        }
      }
    }))
  )

/** A network in which nothing listens. */
export const refusing: Layer.Layer<Dialer> = layer(
  () => {},
  () => true
)
