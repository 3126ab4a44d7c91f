// Protocol 0 with one fault, to see that the benchmark notices: once the cells run, message number 1000 that is relayed is
// sent with another state (`flip`), sent twice (`twice`), or answered by closing its sender's connection (`close`).
// usage: node altering-server.js PORT FAULT
import { WebSocketServer } from "ws"

const [port, fault] = process.argv.slice(2)
let size = 0
let subscribed = 0
let relayed = 0
const workers = []
const topics = new Map()

const handlers = {
  "/reset/": (socket) =>
    socket.once("message", (data) => {
      size = Number(data)
      socket.close()
    }),
  "/watcher/": () => {},
  "/worker/": (socket) => {
    let running = false
    workers.push(socket)
    if (workers.length === size * size) for (const worker of workers) worker.send("sub")
    socket.on("message", (data) => {
      const text = data.toString()
      if (running) {
        const due = ++relayed === 1000
        if (due && fault === "close") socket.terminate()
        const sent = due && fault === "flip" ? text.replace(/.$/, (state) => 1 - state) : text
        for (const subscriber of topics.get(text.split(" ").slice(1, 3).join(" "))) {
          subscriber.send(sent)
          if (due && fault === "twice") subscriber.send(sent)
        }
      } else if (text === "sub") {
        running = true
        if (++subscribed === size * size) for (const worker of workers) worker.send("run")
      } else topics.set(text, [...(topics.get(text) ?? []), socket])
    })
  }
}

new WebSocketServer({ port: Number(port), host: "127.0.0.1" }).on("connection", (socket, request) =>
  handlers[request.url](socket)
)
