// Protocol 0, an echo, the test conversation and a page on Bun's built-in server, with its native publish and subscribe.
// usage: bun bun-server.js PORT [PAGE]
import { readFileSync } from "node:fs"

const [port, pageFile] = process.argv.slice(2)
const page = pageFile ? readFileSync(pageFile) : "no page"

let game
const newGame = (size) => {
  game = { size, connected: 0, subscribed: 0, workers: [] }
}
newGame(32)

const endpoints = {
  "/worker/": {
    open: (socket) => {
      game.workers.push(socket)
      if (++game.connected === game.size ** 2) for (const other of game.workers) other.send("sub")
    },
    message: (socket, text) => {
      if (socket.data.subscribed) {
        server.publish(text.slice(text.indexOf(" ") + 1, text.lastIndexOf(" ")), text)
        server.publish("watchers", text)
      } else if (text === "sub") {
        socket.data.subscribed = true
        if (++game.subscribed === game.size ** 2) for (const other of game.workers) other.send("run")
      } else socket.subscribe(text)
    }
  },
  "/watcher/": { open: (socket) => socket.subscribe("watchers") },
  "/reset/": {
    message: (socket, text) => {
      newGame(Number(text))
      socket.close(1000)
    }
  },
  "/test/echo/": { message: (socket, message) => socket.send(message) },
  "/test/ws/": {
    open: (socket) => socket.send("Hello!"),
    message: (socket, text) => {
      socket.send(`${++socket.data.answered}. ${text}`)
      if (socket.data.answered < 3) return
      socket.send("Goodbye!")
      socket.close(1000)
    }
  }
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  fetch: (request, server) => {
    const { pathname } = new URL(request.url)
    if (pathname === "/") return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } })
    const endpoint = endpoints[pathname]
    if (endpoint === undefined) return new Response("Not Found", { status: 404 })
    server.upgrade(request, { data: { endpoint, subscribed: false, answered: 0 } })
  },
  websocket: {
    // The default of 16 MiB drops messages to a slow reader, and a lockstep game that loses a message stops.
    backpressureLimit: 64 * 1024 * 1024,
    idleTimeout: 0,
    perMessageDeflate: false,
    open: (socket) => socket.data.endpoint.open?.(socket),
    message: (socket, message) => socket.data.endpoint.message?.(socket, message)
  }
})
