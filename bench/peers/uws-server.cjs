// Protocol 0, an echo, the test conversation and a page on µWebSockets.js, with its native publish and subscribe.
// usage: node uws-server.cjs PORT [PAGE]
const { readFileSync } = require("node:fs")
const { App } = require("@btc-vision/uwebsockets.js")

const [port, pageFile] = process.argv.slice(2)
const page = pageFile ? readFileSync(pageFile) : "no page"
const app = App()

let game
const newGame = (size) => {
  game = { size, connected: 0, subscribed: 0, workers: [] }
}
newGame(32)

// The default of 64 KiB drops messages to a slow reader, and a lockstep game that loses a message stops.
const maxBackpressure = 64 * 1024 * 1024

app.ws("/worker/", {
  maxBackpressure,
  open: (socket) => {
    socket.getUserData().subscribed = false
    game.workers.push(socket)
    if (++game.connected === game.size ** 2) for (const other of game.workers) other.send("sub")
  },
  message: (socket, message) => {
    const data = socket.getUserData()
    const text = Buffer.from(message).latin1Slice()
    if (data.subscribed) {
      app.publish(text.slice(text.indexOf(" ") + 1, text.lastIndexOf(" ")), message)
      app.publish("watchers", message)
    } else if (text === "sub") {
      data.subscribed = true
      if (++game.subscribed === game.size ** 2) for (const other of game.workers) other.send("run")
    } else socket.subscribe(text)
  }
})
app.ws("/watcher/", { maxBackpressure, open: (socket) => socket.subscribe("watchers") })
app.ws("/reset/", {
  message: (socket, message) => {
    newGame(Number(Buffer.from(message).toString()))
    socket.end(1000)
  }
})
app.ws("/test/echo/", { message: (socket, message, isBinary) => socket.send(message, isBinary) })
app.ws("/test/ws/", {
  open: (socket) => {
    socket.getUserData().answered = 0
    socket.send("Hello!")
  },
  message: (socket, message) => {
    const data = socket.getUserData()
    socket.send(`${++data.answered}. ${Buffer.from(message)}`)
    if (data.answered < 3) return
    socket.send("Goodbye!")
    socket.end(1000)
  }
})
app.get("/", (response) => {
  response.writeHeader("content-type", "text/html; charset=utf-8").end(page)
})
app.listen("127.0.0.1", Number(port), (token) => {
  if (!token) process.exit(1)
})
