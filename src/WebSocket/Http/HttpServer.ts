/** Node's HTTP server, with a session for each connection. Node answers nothing; what a listener throws stays here. */
import * as Http from "node:http"
import * as Https from "node:https"
import type { Duplex } from "node:stream"
import type { Refusal } from "./Endpoint.ts"
import { type Expectation, HttpSession, type SessionListeners } from "./HttpSession.ts"
import type { Certificate } from "./Listeners.ts"
import * as OtherUpgrade from "./OtherUpgrade.ts"
import * as RequestCheck from "./RequestCheck.ts"

/** Milliseconds for which a client may take nothing of an answer, unless given. */
export const ANSWER_TIMEOUT = 30_000

export interface ServerOptions {
  /**
   * Milliseconds from the accept of a connection in which its first request's head, and a TLS handshake before it, must
   * be complete, and as long for the head of each later request. A request may take three times as long as a whole.
   * 10,000 unless given.
   */
  readonly handshakeTimeout: number
  /** Milliseconds for which a client may take nothing of an answer. Then it is cut. 30,000 unless given. */
  readonly answerTimeout: number
  /** The most bytes of a request's head. A larger one is answered with 431. 16 KiB unless given. */
  readonly maxHeader: number
  /** If given, the server speaks TLS. */
  readonly certificate?: Certificate | undefined
}

/** What the server calls for the sockets that it serves. */
export interface SocketListeners {
  /** The head of a request has come. */
  readonly requested: (socket: Http.IncomingMessage["socket"]) => void
  /** A request for a WebSocket, in its turn. */
  readonly upgrade: (request: Http.IncomingMessage, socket: Http.IncomingMessage["socket"], head: Buffer) => void
}

export type HttpServer = ReturnType<typeof make>

export const tooLate: Refusal = { cause: "timeout", status: 408, text: "" }
const tooLarge: Refusal = { cause: "header", status: 431, text: "" }
const malformed: Refusal = { cause: "http", status: 400, text: "" }

const refusalOf = (code: string): Refusal => {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return tooLate
  return code === "HPE_HEADER_OVERFLOW" ? tooLarge : malformed
}

/** Whether an error is one of what the client sent, and not one of its socket. */
const isOfRequest = (code: string): boolean => code === "ERR_HTTP_REQUEST_TIMEOUT" || code.startsWith("HPE_")

const ignore = (): void => {}

export const make = (
  { answerTimeout, certificate, handshakeTimeout, maxHeader }: ServerOptions,
  listeners: SessionListeners,
  sockets: SocketListeners
) => {
  const limits: Http.ServerOptions = {
    ...OtherUpgrade.options,
    keepAlive: true,
    requireHostHeader: false,
    headersTimeout: handshakeTimeout,
    requestTimeout: 3 * handshakeTimeout,
    connectionsCheckingInterval: Math.min(1000, handshakeTimeout / 2),
    maxHeaderSize: maxHeader
  }
  const server: Http.Server =
    certificate === undefined
      ? Http.createServer(limits)
      : Https.createServer({ ...limits, ...certificate, handshakeTimeout })
  // The size of a head is limited. With a limit of their number, Node leaves out those after it, which may be the one
  // that says that there is a body.
  server.maxHeadersCount = 0

  const sessions = new WeakMap<Duplex, HttpSession>()
  const sessionOf = (socket: Http.IncomingMessage["socket"]): HttpSession => {
    const known = sessions.get(socket)
    if (known !== undefined) return known
    const session = new HttpSession(socket, listeners)
    sessions.set(socket, session)
    return session
  }

  const onRequest =
    (expects: Expectation) =>
    (request: Http.IncomingMessage, response: Http.ServerResponse): void => {
      const { socket } = request
      sockets.requested(socket)
      OtherUpgrade.closeAfterBody(request, response)
      sessionOf(socket).add({ _tag: "Exchange", request, response, expects })
    }
  server.on("request", onRequest("nothing"))
  server.on("checkContinue", onRequest("continue"))
  server.on("checkExpectation", onRequest("unknown"))

  const leaving = new WeakSet<Duplex>()
  /** For a socket that Node's server does not listen to any more. */
  const keepSafe = (socket: Http.IncomingMessage["socket"], session: HttpSession): void => {
    if (leaving.has(socket)) return
    leaving.add(socket)
    // Until the socket's end, because the error of a reset may come late.
    socket.on("error", ignore)
    socket.on("timeout", session.idled)
  }
  server.on("upgrade", (request: Http.IncomingMessage, _: Duplex, head: Buffer) => {
    const { socket } = request
    sockets.requested(socket)
    const session = sessionOf(socket)
    keepSafe(socket, session)
    const run = (): boolean => {
      // Stops the timer of keep-alive.
      socket.setTimeout(0)
      if (!OtherUpgrade.asksForWebSocket(request)) {
        OtherUpgrade.giveBack(server, request, head)
        return true
      }
      sockets.upgrade(request, socket, head)
      return false
    }
    session.add({ _tag: "TakeOver", request, run })
  })
  server.on("connect", (request: Http.IncomingMessage) => {
    const { socket } = request
    const session = sessionOf(socket)
    keepSafe(socket, session)
    session.add({ _tag: "LastAnswer", refusal: RequestCheck.noProxy })
  })

  /** Answers bytes that are not a request, or that came too late, and ends the connection. */
  const refuse = (socket: Duplex, refusal: Refusal): void =>
    sessionOf(socket as Http.IncomingMessage["socket"]).fail(refusal)
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    const code = error.code ?? ""
    if (isOfRequest(code)) return refuse(socket, refusalOf(code))
    if (code !== "ECONNRESET") listeners.onDropped?.("http")
    socket.destroy()
  })
  server.setTimeout(answerTimeout, (socket) => sessionOf(socket).idled())
  return {
    server,
    refuse,
    /** Whether the connection has a request that is not answered yet. */
    isBusy: (socket: Duplex): boolean => sessions.get(socket)?.isBusy === true,
    /** Ends the connection when its present request is answered; at once if there is none. */
    end: (socket: Duplex): void => {
      const session = sessions.get(socket)
      if (session === undefined) socket.destroy()
      else session.end()
    }
  }
}
