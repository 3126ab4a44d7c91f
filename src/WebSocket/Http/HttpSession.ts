/**
 * The requests of one HTTP connection. A client may send requests before it has the answers to earlier ones (pipelining,
 * RFC 9112, section 9.3.2). They are handled one at a time: those of the same read are parsed already and wait, and
 * nothing more is read. So a client that does not read makes the server hold one answer and one read, and whatever takes
 * over the connection, such as a WebSocket, does so when all earlier answers have left (docs/decisions/0009). Each of those
 * that waited is handled in an event-loop turn of its own, so that other connections have theirs between two of them.
 *
 *   idle --add--> busy --answered, another waits--> busy --answered, none waits--> idle
 *   busy, idle --takes over, refuses--> over
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import type { Socket } from "node:net"
import { type AccountOwner, MemoryAccount } from "../Connection/MemoryBudget.ts"
import type { Refusal } from "./Endpoint.ts"
import * as Handshake from "./Handshake.ts"
import type { Listeners } from "./Listeners.ts"
import * as RequestCheck from "./RequestCheck.ts"

/** Bytes that a parsed request is counted with while it waits. */
const REQUEST_SIZE = 4096

/** What a request expects of the server before its answer. */
export type Expectation = "nothing" | "continue" | "unknown"

interface Exchange {
  readonly _tag: "Exchange"
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly expects: Expectation
}

/** Gives the socket to something else, such as a WebSocket. It returns whether the session goes on. */
interface TakeOver {
  readonly _tag: "TakeOver"
  readonly request: IncomingMessage
  readonly run: () => boolean
}

interface LastAnswer {
  readonly _tag: "LastAnswer"
  readonly refusal: Refusal
}

type Task = Exchange | TakeOver | LastAnswer

/** The callbacks of a listener that its sessions use. */
export type SessionListeners = Pick<Listeners, "request" | "onDropped" | "failed" | "memory">

export class HttpSession implements AccountOwner {
  readonly #socket: Socket
  readonly #listeners: SessionListeners
  readonly #waiting: Array<Task> = []
  readonly #account: MemoryAccount
  #current: Exchange | undefined = undefined
  #isOver = false
  #isEnding = false
  #isWatched = false

  constructor(socket: Socket, listeners: SessionListeners) {
    this.#socket = socket
    this.#listeners = listeners
    this.#account = new MemoryAccount(listeners.memory, this)
  }

  get isBusy(): boolean {
    return this.#current !== undefined || this.#waiting.length > 0
  }

  /** Adds what has come, which is handled when all that came before it is answered. */
  add(task: Task): void {
    if (this.#isOver) return
    if (!this.isBusy) return this.#run(task)
    // Nothing more is answered. What is parsed already ends with the connection.
    if (this.#isEnding) return
    this.#waiting.push(task)
    this.#watch()
    this.#count()
    this.#socket.pause()
  }

  /** Adds the answer to bytes that are not HTTP, or came too late. It replaces the answer to an unfinished request. */
  fail(refusal: Refusal): void {
    if (this.#isOver) return
    const last = this.#waiting.at(-1) ?? this.#current
    if (last?._tag !== "Exchange" || last.request.complete) return this.add({ _tag: "LastAnswer", refusal })
    if (last !== this.#current) return void this.#waiting.splice(-1, 1, { _tag: "LastAnswer", refusal })
    this.#isOver = true
    if (last.response.headersSent) this.#socket.destroy()
    else this.#answerLast(refusal)
  }

  /** Ends the connection when the request that is handled now is answered. */
  end(): void {
    this.#isEnding = true
    const isBetween = this.#current === undefined && this.isBusy
    this.#waiting.length = 0
    if (isBetween) return this.#finish()
    if (!this.isBusy) return void this.#socket.destroy()
    const response = this.#current?.response
    if (response !== undefined && !response.headersSent) response.shouldKeepAlive = false
  }

  /** Called when nothing was read or written for some time. Cuts a client that takes nothing of its answer. */
  readonly idled = (): void => {
    if (this.isBusy && this.#socket.writableLength === 0) return
    if (this.isBusy) this.#listeners.onDropped?.("unread")
    this.#socket.destroy()
  }

  giveUp(): void {
    this.#listeners.onDropped?.("memory")
    this.#socket.destroy()
  }

  #run(task: Task): void {
    try {
      if (task._tag === "Exchange") this.#exchange(task)
      else if (task._tag === "LastAnswer") this.#answerLast(task.refusal)
      else this.#takeOver(task)
    } catch (error) {
      this.#isOver = true
      this.#socket.destroy()
      this.#listeners.failed(error)
    }
  }

  #exchange(exchange: Exchange): void {
    const { expects, request, response } = exchange
    this.#current = exchange
    // All of the answer is written, and what the kernel did not take waits.
    response.once("prefinish", () => this.#count())
    response.once("close", () => this.#answered())
    const refusal = RequestCheck.problemOf(request)
    if (refusal !== undefined) {
      // The end of such a request is not sure.
      response.shouldKeepAlive = false
      return this.#refuse(response, refusal)
    }
    if (expects === "unknown") return this.#refuse(response, RequestCheck.unknownExpectation)
    if (expects === "continue") response.writeContinue()
    this.#listeners.request(request, response)
  }

  #refuse(response: ServerResponse, refusal: Refusal): void {
    this.#listeners.onDropped?.(refusal.cause)
    answerWith(response, refusal)
  }

  #takeOver({ request, run }: TakeOver): void {
    const refusal = RequestCheck.problemOf(request)
    if (refusal !== undefined) return this.#answerLast(refusal)
    this.#unwatch()
    // It was paused if it had to wait. It flows in a later turn, when it has its new listeners.
    this.#socket.resume()
    this.#isOver = !run()
  }

  #answerLast(refusal: Refusal): void {
    this.#isOver = true
    this.#listeners.onDropped?.(refusal.cause)
    const socket = this.#socket
    if (!socket.writable) return void socket.destroy()
    socket.end(Handshake.refused(refusal), "latin1", () => socket.destroy())
  }

  #answered(): void {
    this.#current = undefined
    // The answer was the connection's last, or the client has left.
    if (this.#isOver || this.#socket.destroyed || !this.#socket.writable) return this.#finish()
    this.#count()
    if (this.#waiting.length > 0) setImmediate(this.#next)
    else if (this.#isEnding) this.#socket.destroySoon()
    else this.#socket.resume()
  }

  readonly #next = (): void => {
    const next = this.#waiting.shift()
    // The connection has ended in between.
    if (next === undefined) return
    this.#count()
    this.#run(next)
  }

  #finish(): void {
    this.#isOver = true
    this.#waiting.length = 0
    this.#count()
    // A client that has ended its side gets what was written before.
    this.#socket.destroySoon()
  }

  /** Listens to the socket while requests wait, which most connections never do. */
  #watch(): void {
    if (this.#isWatched) return
    this.#isWatched = true
    this.#socket.on("resume", this.#resumed)
    this.#socket.once("close", this.#closed)
  }

  #unwatch(): void {
    if (!this.#isWatched) return
    this.#isWatched = false
    this.#socket.off("resume", this.#resumed)
    this.#socket.off("close", this.#closed)
  }

  /** Node reads on behind each request that it has parsed, and behind each answer. */
  readonly #resumed = (): void => {
    if (this.#waiting.length > 0) this.#socket.pause()
  }

  /** However the connection ends, nothing of it is in memory any more. */
  readonly #closed = (): void => {
    this.#isOver = true
    this.#waiting.length = 0
    this.#current = undefined
    this.#count()
  }

  #count(): void {
    const unsent = this.#current?.response.writableFinished === false ? this.#socket.writableLength : 0
    const more = unsent + this.#waiting.length * REQUEST_SIZE - this.#account.bytes
    if (more > 0) {
      this.#watch()
      this.#account.add(more)
    } else if (more < 0) this.#account.remove(-more)
  }
}

/** Answers a request with the reason why it is refused. */
export const answerWith = (response: ServerResponse, { status, text }: Refusal): void => {
  const headers = { "Content-Type": "text/plain; charset=utf-8", "Content-Length": Buffer.byteLength(text) }
  response.writeHead(status, headers).end(text)
}
