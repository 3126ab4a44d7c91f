/** The modules `k6/ws` and `k6/websockets`. */
import * as Predicate from "effect/Predicate"
import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Failure } from "../Measure/Failure.ts"
import type { Address, OwnLink } from "../Scenario/Player.ts"
import { type Callback, every, type Iteration, isCallback, type Vu } from "./Vu.ts"

const textOf = (value: unknown): string => (typeof value === "string" ? value : String(value))

const addressOf = (url: unknown, parameters: unknown, protocols: unknown): Address => {
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

const bytesOf = (value: unknown): Uint8Array | undefined => {
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

/** The status of the answer to a handshake that failed; 0 if there was none. */
const statusOf = ({ kind }: Failure): number => Number(/with status (\d+)/.exec(kind)?.[1] ?? 0)

interface Events {
  readonly onOpen: () => void
  readonly onFailure: (failure: Failure) => void
  readonly onMessage: (message: Message) => void
  readonly onPong: () => void
  /** The connection is over. It was lost if the code is 1006. */
  readonly onClose: (code: number, reason: string) => void
}

/** A connection of a script, with what both modules measure. */
class Connection {
  #link: OwnLink | undefined
  #isClosing = false
  /** The close of a connection that is not open yet. */
  #early: Close | undefined
  #timer: NodeJS.Timeout | undefined
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
      clearTimeout(this.#timer)
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
    iteration.hold()
    this.#forget = iteration.onCut(() => {
      clearTimeout(this.#timer)
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

  #leave(link: OwnLink, { code, reason }: Close): void {
    link.close(code, reason)
    // A server that does not answer the close must not keep the script.
    this.#timer = setTimeout(() => link.terminate(), this.#iteration.client.timeout)
  }
}

class Listeners {
  readonly #all = new Map<string, Array<Callback>>()

  add(name: unknown, listener: unknown): void {
    if (!isCallback(listener)) throw new TypeError(`${textOf(name)}: expected a function`)
    const present = this.#all.get(textOf(name))
    if (present === undefined) this.#all.set(textOf(name), [listener])
    else present.push(listener)
  }

  remove(name: unknown, listener: unknown): void {
    const present = this.#all.get(textOf(name)) ?? []
    this.#all.set(
      textOf(name),
      present.filter((one) => one !== listener)
    )
  }

  of(name: string): ReadonlyArray<Callback> {
    return [...(this.#all.get(name) ?? [])]
  }
}

/** Calls listeners one after the other. Those that wait are awaited. */
const callAll = (listeners: ReadonlyArray<Callback>, ...given: ReadonlyArray<unknown>): unknown => {
  const results = listeners.map((listener) => listener(...given))
  return results.length === 1 ? results[0] : Promise.all(results)
}

/** The socket that `ws.connect` gives to its callback. */
class Socket {
  readonly #iteration: Iteration
  readonly #listeners = new Listeners()
  /** What stops each timer that runs. */
  readonly #timers = new Set<() => void>()
  readonly #onDone: () => void
  connection: Connection | undefined
  #isOver = false
  #isClosed = false

  constructor(iteration: Iteration, onDone: () => void) {
    this.#iteration = iteration
    this.#onDone = onDone
  }

  on(name: unknown, listener: unknown): void {
    this.#listeners.add(name, listener)
  }

  send(message: unknown): void {
    this.#given("send", message)
    if (!this.#isClosed) this.connection?.send(textOf(message))
  }

  sendBinary(message: unknown): void {
    this.#given("sendBinary", message)
    const bytes = bytesOf(message)
    if (bytes === undefined) throw new TypeError("sendBinary: expected an ArrayBuffer")
    if (!this.#isClosed) this.connection?.send(bytes)
  }

  ping(data?: unknown): void {
    if (!this.#isClosed) this.connection?.ping(data)
  }

  setTimeout(act: unknown, delay: unknown): void {
    this.#timer(act, delay, false)
  }

  setInterval(act: unknown, delay: unknown): void {
    this.#timer(act, delay, true)
  }

  /** Closes. As in k6 the event comes at once, and nothing after it. */
  close(code: unknown = 1001): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#clear()
    this.connection?.close(Number(code), "")
    this.#iteration.post(() => callAll(this.#listeners.of("close"), Number(code)))
  }

  emit(name: string, ...given: ReadonlyArray<unknown>): unknown {
    if (this.#isOver || this.#isClosed) return undefined
    return callAll(this.#listeners.of(name), ...given)
  }

  /** The connection is over. */
  end(code?: number): unknown {
    const result = code === undefined ? undefined : this.emit("close", code)
    this.#isOver = true
    this.#clear()
    this.#onDone()
    return result
  }

  #given(what: string, message: unknown): void {
    if (message === undefined) throw new TypeError(`${what}: expected a message`)
  }

  #clear(): void {
    for (const stop of this.#timers) stop()
  }

  #timer(act: unknown, delay: unknown, repeats: boolean): void {
    if (!isCallback(act)) throw new TypeError(`${repeats ? "setInterval" : "setTimeout"}: expected a function`)
    if (this.#isOver || this.#isClosed) return
    const stop = every(
      this.#iteration,
      () => act(),
      delay,
      repeats,
      () => void this.#timers.delete(stop)
    )
    this.#timers.add(stop)
  }
}

/** `k6/ws`: `connect` returns when the connection is over. */
export const ws = (vu: Vu) => {
  const connect = (url: unknown, ...given: ReadonlyArray<unknown>): Promise<object> => {
    const iteration = vu.running("ws.connect")
    const [parameters, setUp] = given.length > 1 ? given : [undefined, given[0]]
    if (!isCallback(setUp)) throw new TypeError("ws.connect: expected a function as the last argument")
    let answer: object = { status: 101, url: textOf(url), headers: {}, body: "", error: "" }
    return iteration.held((release) => {
      const socket = new Socket(iteration, () => release(() => answer))
      const begin = () => setUp(socket)
      socket.connection = new Connection(iteration, addressOf(url, parameters, undefined), {
        onOpen: () => {
          const begun = begin()
          return Predicate.isPromiseLike(begun) ? begun.then(() => socket.emit("open")) : socket.emit("open")
        },
        onFailure: (failure) => {
          answer = { status: statusOf(failure), url: textOf(url), headers: {}, body: "", error: failure.detail }
          const fail = () => {
            const failed = socket.emit("error", errorOf(failure.detail))
            socket.end()
            return failed
          }
          const begun = begin()
          return Predicate.isPromiseLike(begun) ? begun.then(fail) : fail()
        },
        onMessage: (message) =>
          typeof message === "string"
            ? socket.emit("message", message)
            : socket.emit("binaryMessage", bufferOf(message)),
        onPong: () => socket.emit("pong"),
        onClose: (code) => {
          if (code !== 1006) return socket.end(code)
          const failed = socket.emit("error", errorOf("websocket: close 1006 (abnormal closure)"))
          return Promise.all([failed, socket.end(code)])
        }
      })
    })
  }
  return { connect, default: { connect } }
}

const errorOf = (message: string) => ({ error: () => message, message, toString: () => message })

/** `k6/websockets`: the sockets of browsers. */
export const websockets = (vu: Vu) => {
  class WebSocket {
    readonly url: string
    readonly protocol = ""
    readonly extensions = ""
    readyState = 0
    binaryType = "blob"
    readonly #connection: Connection
    readonly #listeners = new Listeners()
    onopen: unknown = null
    onmessage: unknown = null
    onclose: unknown = null
    onerror: unknown = null
    onping: unknown = null
    onpong: unknown = null

    constructor(url: unknown, protocols?: unknown, parameters?: unknown) {
      const iteration = vu.running("new WebSocket")
      this.url = textOf(url)
      this.#connection = new Connection(iteration, addressOf(url, parameters, protocols), {
        onOpen: () => {
          this.readyState = 1
          return this.#emit("open", {})
        },
        onFailure: (failure) => {
          this.readyState = 3
          const failed = this.#emit("error", { error: failure.detail })
          const closed = this.#emit("close", { code: 1006, reason: "", wasClean: false })
          return Promise.all([failed, closed])
        },
        onMessage: (message) =>
          this.#emit("message", { data: typeof message === "string" ? message : this.#binary(message) }),
        onPong: () => this.#emit("pong", {}),
        onClose: (code, reason) => {
          this.readyState = 3
          const isLost = code === 1006
          const lost = isLost ? this.#emit("error", { error: "websocket: close 1006 (abnormal closure)" }) : undefined
          return Promise.all([lost, this.#emit("close", { code, reason, wasClean: !isLost })])
        }
      })
    }

    get bufferedAmount(): number {
      return this.#connection.queued
    }

    send(message: unknown): void {
      if (this.readyState === 0) throw new Error("send: the WebSocket is not open yet")
      if (message === undefined || message === null) throw new TypeError("send: expected a message")
      this.#connection.send(bytesOf(message) ?? textOf(message))
    }

    ping(data?: unknown): void {
      this.#connection.ping(data)
    }

    close(code: unknown = 1000, reason: unknown = ""): void {
      if (this.readyState > 1) return
      this.readyState = 2
      this.#connection.close(Number(code), textOf(reason))
    }

    addEventListener(name: unknown, listener: unknown): void {
      this.#listeners.add(name, listener)
    }

    removeEventListener(name: unknown, listener: unknown): void {
      this.#listeners.remove(name, listener)
    }

    #binary(bytes: Uint8Array): unknown {
      return this.binaryType === "arraybuffer" ? bufferOf(bytes) : new Blob([bufferOf(bytes)])
    }

    #emit(type: "open" | "message" | "close" | "error" | "pong", event: Readonly<Record<string, unknown>>): unknown {
      const own = {
        open: this.onopen,
        message: this.onmessage,
        close: this.onclose,
        error: this.onerror,
        pong: this.onpong
      }
      const handler = own[type]
      const all = [...(isCallback(handler) ? [handler] : []), ...this.#listeners.of(type)]
      return callAll(all, { type, target: this, timestamp: Date.now(), ...event })
    }
  }
  return { WebSocket, Blob, default: { WebSocket, Blob } }
}
