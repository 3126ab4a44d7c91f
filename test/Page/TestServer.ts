/**
 * A small server for the pages. It serves `static/` like the real one in development, and feeds watchers from a state that the test
 * writes. So a test decides what happens and when.
 */
import assert from "node:assert"
import { readFile } from "node:fs/promises"
import type { Server } from "node:http"
import { createServer } from "node:http"
import { dirname, extname, join } from "node:path"
import { build } from "esbuild"
import type { WebSocket } from "ws"
import { WebSocketServer } from "ws"
import type { ControlRequest, ControlResponse, ControlState } from "../../src/Protocol/Control.ts"
import { formatControl, parseControlRequest } from "../../src/Protocol/Control.ts"
import type { PatternList } from "../../src/Protocol/PatternList.ts"
import { SUBPROTOCOL } from "../../src/Protocol/WatchProtocol.ts"
import { parseRequest } from "../../src/Protocol/WatchRequest.ts"
import * as PageBundle from "../../src/Server/Pages/PageBundle.ts"
import { renderTestPage } from "../../src/Server/Pages/TestPage.ts"
import { renderWatchPage } from "../../src/Server/Pages/WatchPage.ts"
import { WatchFeed } from "../../src/Server/Watch/WatchFeed.ts"
import { WatchState } from "../../src/Server/Watch/WatchState.ts"
import { eventually } from "../eventually.ts"
import { freePort } from "../freePort.ts"
import { BUNDLE } from "../program.ts"
import { follows, impossible } from "./RealStates.ts"
import { TestListener } from "./TestListener.ts"
import { Transcript } from "./Transcript.ts"

const root = new URL("../../", import.meta.url)

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml"
}

const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const bundles = new Map<string, Promise<string>>()

/** A page's script, or its sheet: the one that the run has bundled or, outside of vitest, one that is bundled here once. */
const bundle = (path: string): Promise<string> => {
  const built = process.env[BUNDLE]
  if (built !== undefined) return readFile(join(dirname(built), path), "utf8")
  const ready = bundles.get(path)
  if (ready !== undefined) return ready
  const entry = new URL(`.${path.replace(/\.js$/, ".ts")}`, root).pathname
  const made = build({ ...PageBundle.options, entryPoints: [entry], write: false }).then(
    ({ outputFiles }) => outputFiles[0]!.text
  )
  bundles.set(path, made)
  return made
}

/** The conversation of the test endpoint. */
const converse = (socket: WebSocket): void => {
  let replies = 0
  socket.send("Hello!")
  socket.on("message", (data) => {
    socket.send(`${++replies}. ${String(data)}`)
    if (replies < 3) return
    socket.send("Goodbye!")
    socket.close()
  })
}

/** A server before its first game has a grid of 32 x 32 without workers. */
const idle = (): WatchState => {
  const state = new WatchState()
  state.reset(32, 32)
  state.setPhase("idle")
  return state
}

export class TestServer {
  state = idle()
  feed = new WatchFeed(this.state)
  /** The requests of watchers, in order. */
  readonly requests: Array<string> = []
  readonly sockets = new Set<WebSocket>()
  /** The requests of pages on the control channel, and the state that they get when they connect. */
  readonly controls: Array<ControlRequest | undefined> = []
  control: ControlState = { type: "state", game: "none", speed: 1 }
  readonly #controllers = new Set<WebSocket>()
  /** What watchers were told that no watcher of a real server is told. */
  readonly impossible = new Set<string>()
  /** Called before each turn of the feed with the feed's time, in milliseconds of `performance.now()`. */
  onTurn: (now: number) => void = () => {}
  /** Bytes sent to watchers. */
  sent = 0
  /** More responses, by path. */
  readonly documents = new Map<string, { readonly type: string; readonly body: string }>()
  list: PatternList = {
    command: "npx effect-c10k life",
    hasControl: false,
    patterns: [
      { name: "glider", about: "The smallest spaceship.", rows: [".O.", "..O", "OOO"] },
      { name: "blinker", about: "The smallest oscillator.", rows: ["OOO"] }
    ]
  }
  #http: Server | undefined
  #timer: NodeJS.Timeout | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`
  }

  /** Listens. After a stop, it uses the same port again, which the system gives to nobody else meanwhile. */
  async start(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort("127.0.0.1")
    const http = createServer((request, response) => {
      this.#respond(request.url ?? "/", request.method ?? "GET").then(
        ({ body, type }) => {
          response.setHeader("content-security-policy", contentSecurityPolicy)
          response.setHeader("content-type", type)
          response.end(body)
        },
        (error: Error) => {
          response.statusCode = 404
          response.end(error.message)
        }
      )
    })
    const watchers = new WebSocketServer({
      server: http,
      perMessageDeflate: false,
      // A server without a history answers like this.
      verifyClient: ({ req }, done) => done(req.url !== "/history/", 404),
      handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false)
    })
    watchers.on("connection", (socket, request) => {
      if (request.url === "/test/ws/") converse(socket)
      else if (request.url === "/control/") this.#takeControl(socket)
      else this.#watch(socket)
    })
    this.#http = http
    await new Promise<void>((resolve) => http.listen(this.#port, "127.0.0.1", resolve))
  }

  /** Cuts all connections and stops listening. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const socket of [...this.sockets, ...this.#controllers]) socket.terminate()
    const http = this.#http
    this.#http = undefined
    if (http === undefined) return
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }

  /** Restarts without any state. */
  async restart(): Promise<void> {
    await this.stop()
    this.state = idle()
    this.feed = new WatchFeed(this.state)
    await this.start()
  }

  /** Waits until a watcher has sent a request. */
  async untilRequest(request: string): Promise<void> {
    await eventually(() => assert(this.requests.includes(request), `no ${request} among ${this.requests.join(", ")}`))
  }

  /** Waits until pages have sent this number of requests on the control channel. */
  async untilControl(count: number): Promise<void> {
    await eventually(() => assert(this.controls.length >= count, `${this.controls.length} of ${count} requests`))
  }

  /** Sends a message to all pages on the control channel. Pages that connect later get a state too. */
  answer(response: ControlResponse): void {
    if (response.type === "state") {
      const { game } = this.control
      if (!follows(game, response.game)) this.impossible.add(`a run that is "${response.game}" after "${game}"`)
      this.control = response
    }
    for (const socket of this.#controllers) socket.send(formatControl(response))
  }

  #takeControl(socket: WebSocket): void {
    this.#controllers.add(socket)
    socket.send(formatControl(this.control))
    socket.on("message", (data) => this.controls.push(parseControlRequest(String(data))))
    socket.on("close", () => this.#controllers.delete(socket))
  }

  #watch(socket: WebSocket): void {
    const { feed } = this
    const cursor = feed.join()
    this.sockets.add(socket)
    const transcript = new Transcript(this.impossible)
    const post = (message: string | Uint8Array) => {
      transcript.take(message)
      this.sent += message.length
      socket.send(message)
    }
    const listener = new TestListener(post)
    turns.set(socket, (isTurn) => {
      listener.turn(this.state)
      const message = isTurn && feed.next(cursor, performance.now(), socket.bufferedAmount < 1_000_000)?.message
      if (message) post(message)
    })
    socket.on("message", (data) => {
      this.requests.push(String(data))
      const request = parseRequest(String(data))
      if (request?._tag === "Listen") listener.listen(request.cell, this.state)
      else if (request !== undefined) cursor.receive(request)
    })
    socket.on("close", () => {
      feed.leave(cursor)
      this.sockets.delete(socket)
    })
    this.#timer ??= setInterval(() => {
      const now = performance.now()
      this.onTurn(now)
      this.#check()
      const isTurn = this.feed.turn(now)
      for (const open of this.sockets) turns.get(open)?.(isTurn)
    }, 15)
  }

  /** Notes what a real server would not be in. */
  #check(): void {
    const { broken, connected, height, phase, range, subscribed, width } = this.state
    const reported = { broken, connected, phase, subscribed, expected: width * height, greatest: range.greatest }
    const run = this.list.hasControl ? this.control : undefined
    for (const rule of impossible(reported, run?.type === "state" ? run.game : undefined)) this.impossible.add(rule)
  }

  async #respond(url: string, method: string): Promise<{ readonly type: string; readonly body: string | Buffer }> {
    const { pathname, searchParams } = new URL(url, this.url)
    const extra = this.documents.get(pathname)
    if (extra !== undefined) return extra
    const html = { type: types[".html"]! }
    if (pathname === "/" || pathname === "/embed") {
      const page = await readFile(new URL("static/watch/index.html", root), "utf8")
      return {
        ...html,
        body: renderWatchPage(page, { ...this.state, offers: this.list.hasControl ? ["control"] : [] })
      }
    }
    if (pathname === "/patterns.json") return { type: "application/json", body: JSON.stringify(this.list) }
    if (pathname === "/test/") return { ...html, body: await readFile(new URL("static/test/index.html", root)) }
    if (pathname === "/test/http/") {
      const page = await readFile(new URL("static/test/http/index.html", root), "utf8")
      return { ...html, body: renderTestPage(page, method, searchParams) }
    }
    const type = types[extname(pathname)]
    if (type === undefined || !pathname.startsWith("/static/")) throw new Error(`There is no ${pathname}.`)
    return {
      type,
      body: /\.js$|\/main\.css$/.test(pathname) ? await bundle(pathname) : await readFile(new URL(`.${pathname}`, root))
    }
  }
}

/** Sends a watcher what is due. */
const turns = new WeakMap<WebSocket, (isTurn: boolean) => void>()
