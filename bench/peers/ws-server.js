// Protocol 0, an echo, the test conversation and a page on `ws`: a first version, written by hand without optimisation.
// usage: node ws-server.js PORT [PAGE [CERTIFICATE KEY]]
import { readFileSync } from "node:fs"
import http from "node:http"
import https from "node:https"
import { WebSocketServer } from "ws"

const [port, pageFile, cert, key] = process.argv.slice(2)
const page = pageFile ? readFileSync(pageFile) : "no page"

const answer = (_request, response) => {
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-length": page.length })
  response.end(page)
}
const server = cert
  ? https.createServer({ cert: readFileSync(cert), key: readFileSync(key) }, answer)
  : http.createServer(answer)
const webSockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })

/** @type {{ size: number, connected: number, subscribed: number, topics: Set<WebSocket>[], workers: WebSocket[] }} */
let game
const watchers = new Set()

const newGame = (size) => {
  const topics = Array.from({ length: size * size }, () => new Set())
  game = { size, connected: 0, subscribed: 0, topics, workers: [] }
}
newGame(32)

const sendIfOpen = (socket, text) => {
  if (socket.readyState === 1) socket.send(text)
}

const worker = (socket) => {
  const { size, topics, workers } = game
  const subscriptions = []
  let subscribed = false
  workers.push(socket)
  if (++game.connected === size * size) for (const other of workers) sendIfOpen(other, "sub")
  socket.on("message", (data) => {
    const text = data.toString()
    const fields = text.split(" ")
    if (subscribed) {
      const [, row, column] = fields
      for (const subscriber of topics[+row * size + +column]) sendIfOpen(subscriber, text)
      for (const watcher of watchers) sendIfOpen(watcher, text)
    } else if (text === "sub") {
      subscribed = true
      if (++game.subscribed === size * size) for (const other of workers) sendIfOpen(other, "run")
    } else {
      const topic = topics[+fields[0] * size + +fields[1]]
      topic.add(socket)
      subscriptions.push(topic)
    }
  })
  socket.on("close", () => {
    for (const topic of subscriptions) topic.delete(socket)
  })
}

const endpoints = {
  "/worker/": worker,
  "/watcher/": (socket) => {
    watchers.add(socket)
    socket.on("close", () => watchers.delete(socket))
  },
  "/reset/": (socket) => {
    socket.once("message", (data) => {
      newGame(Number(data.toString()))
      socket.close()
    })
  },
  "/test/echo/": (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }))
  },
  "/test/ws/": (socket) => {
    let answered = 0
    socket.send("Hello!")
    socket.on("message", (data) => {
      if (answered === 3) return
      socket.send(`${++answered}. ${data}`)
      if (answered < 3) return
      socket.send("Goodbye!")
      socket.close()
    })
  }
}

server.on("upgrade", (request, socket, head) => {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on("error", () => {})
    endpoints[request.url](webSocket)
  })
})
server.listen({ port: Number(port), host: "127.0.0.1", backlog: 4096 })
