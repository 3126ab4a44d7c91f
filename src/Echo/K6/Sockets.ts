/** The modules `k6/ws` and `k6/websockets`. */
import * as Predicate from "effect/Predicate"
import type { Failure } from "../Measure/Failure.ts"
import { addressOf, Connection, textOf } from "./Connection.ts"
import { type Callback, every, type Iteration, isCallback, type Vu } from "./Vu.ts"

const bytesOf = (value: unknown): Uint8Array | undefined => {
  if (value instanceof ArrayBuffer) return new Uint8Array(value)
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined
}

const bufferOf = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer

/** The status of the answer to a handshake that failed; 0 if there was none. */
const statusOf = ({ kind }: Failure): number => Number(/with status (\d+)/.exec(kind)?.[1] ?? 0)

class Listeners {
  #all: Array<readonly [name: string, listener: Callback]> = []

  add(name: unknown, listener: unknown): void {
    if (!isCallback(listener)) throw new TypeError(`${textOf(name)}: expected a function`)
    this.#all.push([textOf(name), listener])
  }

  remove(name: unknown, listener: unknown): void {
    this.#all = this.#all.filter((one) => one[0] !== textOf(name) || one[1] !== listener)
  }

  of(name: string): ReadonlyArray<Callback> {
    return this.#all.flatMap((one) => (one[0] === name ? [one[1]] : []))
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
    if (this.#isOver || this.#isClosed) return
    const stop = every(this.#iteration, act, delay, repeats, [], () => void this.#timers.delete(stop))
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
    return iteration.pending((release) => {
      const socket = new Socket(iteration, () => release(() => answer))
      /** The script sets the socket up before anything happens to it. */
      const begin = (then: () => unknown): unknown => {
        const begun = setUp(socket)
        return Predicate.isPromiseLike(begun) ? begun.then(then) : then()
      }
      socket.connection = new Connection(iteration, addressOf(url, parameters, undefined), {
        onOpen: () => begin(() => socket.emit("open")),
        onFailure: (failure) => {
          answer = { status: statusOf(failure), url: textOf(url), headers: {}, body: "", error: failure.detail }
          return begin(() => {
            const failed = socket.emit("error", errorOf(failure.detail))
            socket.end()
            return failed
          })
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
  return { connect }
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
      const handler = this[`on${type}`]
      const all = [...(isCallback(handler) ? [handler] : []), ...this.#listeners.of(type)]
      return callAll(all, { type, target: this, timestamp: Date.now(), ...event })
    }
  }
  return { WebSocket, Blob }
}
