/** The connections of a k6 script. */
import * as Predicate from "effect/Predicate"
import { real } from "../../Time/Timer.ts"
import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Address, ScriptConnection } from "../Scenario/Player.ts"
import type { Iteration } from "./Vu.ts"

export const textOf = (value: unknown): string => (typeof value === "string" ? value : String(value))

export const addressOf = (url: unknown, parameters: unknown, protocols: unknown): Address => {
  const { compression, headers = {} } = Predicate.isRecord(parameters) ? parameters : {}
  const all = Object.entries(Predicate.isRecord(headers) ? headers : {}).map(
    ([name, value]) => [name.toLowerCase(), textOf(value)] as const
  )
  const offered = [protocols ?? []].flat().map(textOf)
  const isProtocol = ([name]: readonly [string, string]) => name === "sec-websocket-protocol"
  return {
    url: textOf(url),
    headers: Object.fromEntries(all.filter((one) => !isProtocol(one))),
    subprotocols: [...offered, ...all.filter(isProtocol).flatMap(([, value]) => value.split(/\s*,\s*/))],
    compress: compression === "deflate"
  }
}

interface Events {
  readonly onOpen: () => void
  readonly onFailure: (failure: Failure) => void
  readonly onMessage: (message: Message) => void
  readonly onPong: () => void
  /** The connection is over. It was lost if the code is 1006. */
  readonly onClose: (code: number, reason: string) => void
}

/** A connection of a script, with what both modules measure. */
export class Connection {
  #link: ScriptConnection | undefined
  #isClosing = false
  /** The close of a connection that is not open yet. */
  #early: Close | undefined
  #stopTimer: (() => void) | undefined
  readonly #iteration: Iteration
  readonly #pings = new Map<string, number>()
  #lastPing = 0
  readonly #forget: () => void

  constructor(iteration: Iteration, address: Address, events: Events) {
    this.#iteration = iteration
    const { client } = iteration
    const { named } = client
    let opened = 0
    named.count("k6.ws_sessions")
    const end = () => {
      this.#stopTimer?.()
      this.#forget()
      iteration.release()
    }
    const giveUp = client.dial(address, {
      onOpen: (link, time) => {
        opened = client.now()
        this.#link = link
        named.record("k6.ws_connecting", time)
        if (this.#early !== undefined) return this.#leave(link, this.#early)
        iteration.post(events.onOpen)
      },
      onFailure: (failure) => {
        iteration.fail(failure)
        iteration.post(() => events.onFailure(failure))
        end()
      },
      onMessage: (message) => iteration.post(() => events.onMessage(message)),
      onPong: (payload) => {
        const sent = this.#pings.get(payload)
        if (sent !== undefined) named.record("k6.ws_ping", client.now() - sent)
        this.#pings.delete(payload)
        iteration.post(events.onPong)
      },
      onClose: ({ code, reason }) => {
        named.record("k6.ws_session_duration", client.now() - opened)
        if (code === 1006 && !this.#isClosing) {
          const kind = "the connection was lost, without a close frame (1006)"
          iteration.fail({ cause: "early close", kind, detail: kind })
        }
        this.#link = undefined
        this.#pings.clear()
        iteration.post(() => events.onClose(code, reason))
        end()
      }
    })
    iteration.retain()
    this.#forget = iteration.onCut(() => {
      this.#stopTimer?.()
      if (this.#link === undefined) giveUp()
      else this.#link.terminate()
    })
  }

  get queued(): number {
    return this.#link?.queued ?? 0
  }

  /** Nothing leaves a connection that closes or is closed. */
  send(message: Message): void {
    if (!this.#isClosing) this.#link?.send(message)
  }

  /** Every payload is another one, so that each pong is paired with its ping. */
  ping(data: unknown): void {
    if (this.#isClosing || this.#link === undefined) return
    const payload = data === undefined ? String(++this.#lastPing) : textOf(data)
    this.#pings.set(payload, this.#iteration.client.now())
    this.#link.ping(payload)
  }

  close(code: number, reason: string): void {
    if (this.#isClosing) return
    this.#isClosing = true
    if (this.#link === undefined) this.#early = { code, reason }
    else this.#leave(this.#link, { code, reason })
  }

  #leave(link: ScriptConnection, { code, reason }: Close): void {
    link.close(code, reason)
    // A server that does not answer the close must not keep the script.
    this.#stopTimer = real.after(this.#iteration.client.timeout, () => link.terminate())
  }
}
