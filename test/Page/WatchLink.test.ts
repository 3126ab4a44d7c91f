/** What the page's connection asks a server for, over each connection anew, and what it does with bytes that it can't read. */
import { once } from "node:events"
import type { AddressInfo } from "node:net"
import { afterEach, assert, beforeEach, describe, it, vi } from "@effect/vitest"
import { WebSocket, WebSocketServer } from "ws"
import { encodeCells, encodeGame } from "../../src/Protocol/WatchEncoder.ts"
import type { FiguresBlock } from "../../src/Protocol/WatchProtocol.ts"
import { SUBPROTOCOL } from "../../src/Protocol/WatchProtocol.ts"
import { WatchState } from "../../src/Server/Watch/WatchState.ts"
import type { LinkState } from "../../static/Link.ts"
import { WatchLink } from "../../static/watch/Net/WatchLink.ts"
import { eventually } from "../eventually.ts"

/** The parts of a browser that a link uses. */
class Browser extends EventTarget {
  hidden = false
  readonly #timers: Array<NodeJS.Timeout> = []
  readonly clearTimeout = clearTimeout

  setTimeout(run: () => void, wait: number): NodeJS.Timeout {
    const timer = setTimeout(run, wait)
    this.#timers.push(timer)
    return timer
  }

  setInterval(run: () => void, wait: number): NodeJS.Timeout {
    const timer = setInterval(run, wait)
    this.#timers.push(timer)
    return timer
  }

  /** Leaves the page, whose connections never end by themselves. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
  }

  show(isShown: boolean): void {
    this.hidden = !isShown
    this.dispatchEvent(new Event("visibilitychange"))
  }
}

interface Served {
  readonly socket: WebSocket
  readonly requests: Array<string>
}

let clients: Array<WebSocket> = []

class Client extends WebSocket {
  constructor(url: string, subprotocol: string) {
    super(url, subprotocol)
    clients.push(this)
  }
}

let browser = new Browser()
let server: WebSocketServer
let served: Array<Served> = []

beforeEach(async () => {
  browser = new Browser()
  vi.stubGlobal("window", browser)
  vi.stubGlobal("document", browser)
  vi.stubGlobal("WebSocket", Client)
  clients = []
  served = []
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, handleProtocols: () => SUBPROTOCOL })
  server.on("connection", (socket) => {
    const requests: Array<string> = []
    served.push({ socket, requests })
    socket.on("message", (data) => requests.push(String(data)))
  })
  await once(server, "listening")
})
afterEach(async () => {
  browser.close()
  for (const client of clients) {
    client.onopen = client.onmessage = client.onclose = null
    client.onerror = () => {}
    client.terminate()
  }
  for (const { socket } of served) socket.terminate()
  await new Promise((resolve) => server.close(resolve))
  vi.unstubAllGlobals()
})

const make = () => {
  const news: Array<{ readonly blocks: ReadonlyArray<FiguresBlock>; readonly hasCells: boolean }> = []
  const texts: Array<string> = []
  const states: Array<LinkState> = []
  const link = new WatchLink(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, {
    onNews: (blocks, hasCells) => news.push({ blocks, hasCells }),
    onText: (text) => texts.push(text) > 0 && text !== "nonsense",
    onState: (state) => states.push(state)
  })
  return { link, news, texts, states }
}

/** Waits until the server has got these requests over a connection, and no others. */
const untilAsked = (connection: number, requests: ReadonlyArray<string>) =>
  eventually(() => assert.deepStrictEqual(served[connection]?.requests, requests))

describe("WatchLink", () => {
  it("the server is asked over each connection for what the page wants, and once", async () => {
    const { link } = make()
    link.pace(200)
    link.want("whole")
    link.listen(5, 1)
    link.start()
    const all = ["gaps", "bits", "pace 200", "whole", "listen 5"]
    await untilAsked(0, all)
    link.pace(200)
    link.want("whole")
    link.listen(5, 1)
    // The client of the cell is another one in the next game.
    link.listen(5, 2)
    await untilAsked(0, [...all, "listen 5"])
    link.renew("The page needs everything again.")
    await untilAsked(1, all)
    link.listen(undefined, 2)
    link.want("figures")
    await untilAsked(1, [...all, "listen", "figures"])
  })

  it("a page that is hidden asks for nothing, also over a new connection, and goes on when it is seen", async () => {
    const { link } = make()
    link.start()
    await untilAsked(0, ["gaps", "bits"])
    link.listen(3, 1)
    browser.show(false)
    await untilAsked(0, ["gaps", "bits", "listen 3", "pause", "listen"])
    link.renew("The page needs everything again.")
    await untilAsked(1, ["gaps", "bits", "listen", "pause"])
    browser.show(true)
    await untilAsked(1, ["gaps", "bits", "listen", "pause", "resume", "listen 3"])
  })

  it("figures are read, cells are passed on unread, and a message that is none ends the connection with a sentence", async () => {
    const { link, news, states, texts } = make()
    link.start()
    await untilAsked(0, ["gaps", "bits"])
    const state = new WatchState()
    state.reset(2, 2)
    state.record(0, 0, 1)
    const { socket } = served[0]!
    socket.send(encodeGame(state))
    socket.send(encodeCells(state, new Uint32Array([0]), 1, "numbers")!)
    socket.send("0 0 0 1")
    await eventually(() => assert.lengthOf(texts, 1))
    assert.deepStrictEqual(
      news.map(({ blocks, hasCells }) => [blocks.map(({ _tag }) => _tag), hasCells]),
      [
        [["Game"], false],
        [[], true]
      ]
    )
    for (const bad of [new Uint8Array([1, 2, 3]), "nonsense"]) {
      served.at(-1)!.socket.send(bad)
      await eventually(() => assert.strictEqual(states.at(-1)?._tag, "Lost"))
      const last = states.at(-1)
      assert.strictEqual(
        last?._tag === "Lost" ? last.reason : "",
        "The server sent a message that this page cannot read."
      )
      const connections = served.length
      link.retry()
      await untilAsked(connections, ["gaps", "bits"])
    }
  })
})
