// The least that a relay of protocol 0 does on Node: `node:net`, and one write a connection and turn. What it takes is what Node and
// the kernel take. A yardstick and no server, as floor.c: it trusts its clients, knows only the handshake key that the drivers send,
// and takes no message above 125 bytes and no frame in two reads.
// usage: node least-relay.js PORT
import net from "node:net"

const RESPONSE =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
  "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
const CLOSE = "\x88\x00"
/** As in `serve`: turns that bring so many messages do not flush, so many times in a row. */
const BUSY = 100
const MAX_HELD = 31

const frameOf = (text) => `\x81${String.fromCharCode(text.length)}${text}`

let game
const newGame = (size) => {
  game = { size, subscribed: 0, workers: [], topics: Array.from({ length: size * size }, () => []) }
}
newGame(32)
const topicAt = (row, column) => game.topics[Number(row) * game.size + Number(column)]

const watchers = new Set()
let touched = []
let isScheduled = false
let messages = 0
let turnsHeld = 0

const schedule = () => {
  isScheduled = true
  setImmediate(endOfTurn)
}
const endOfTurn = () => {
  isScheduled = false
  const isBusy = messages >= BUSY
  messages = 0
  turnsHeld = isBusy ? turnsHeld + 1 : 0
  if (isBusy && turnsHeld <= MAX_HELD) return schedule()
  turnsHeld = 0
  const all = touched
  touched = []
  for (const client of all) client.flush()
}

class Client {
  gathered = ""
  topic = undefined
  constructor(socket) {
    this.socket = socket
    this.take = this.shake
  }
  send(bytes) {
    if (this.gathered === "") touched.push(this)
    this.gathered += bytes
    if (!isScheduled) schedule()
  }
  flush() {
    const bytes = this.gathered
    this.gathered = ""
    if (!this.socket.destroyed) this.socket.write(bytes, "latin1")
  }
  read(bytes) {
    if (this.take === this.shake) return this.shake(bytes)
    for (let at = 0; at < bytes.length; ) {
      const start = at + 6
      const end = start + (bytes[at + 1] & 127)
      for (let i = start; i < end; i++) bytes[i] ^= bytes[at + 2 + ((i - start) & 3)]
      if ((bytes[at] & 15) === 8) return this.take === this.reset ? this.socket.end() : this.send(CLOSE)
      messages++
      this.take(bytes.latin1Slice(start, end))
      at = end
    }
  }
  shake(bytes) {
    const path = bytes.latin1Slice(4, bytes.indexOf(" ", 4))
    this.send(RESPONSE)
    this.take = { "/worker/": this.subscribe, "/reset/": this.reset }[path] ?? this.echo
    if (path === "/watcher/") watchers.add(this)
    if (path !== "/worker/") return
    game.workers.push(this)
    if (game.workers.length === game.topics.length) for (const worker of game.workers) worker.send(frameOf("sub"))
  }
  subscribe(text) {
    if (text !== "sub") return topicAt(...text.split(" ")).push(this)
    this.take = this.publish
    if (++game.subscribed === game.topics.length) for (const worker of game.workers) worker.send(frameOf("run"))
  }
  publish(text) {
    this.topic ??= topicAt(...text.split(" ").slice(1))
    const frame = frameOf(text)
    for (const subscriber of this.topic) subscriber.send(frame)
    for (const watcher of watchers) watcher.send(frame)
  }
  reset(text) {
    newGame(Number(text))
    this.send(CLOSE)
  }
  echo(text) {
    this.send(frameOf(text))
  }
}

const server = net.createServer({ noDelay: true }, (socket) => {
  const client = new Client(socket)
  socket.on("data", (bytes) => client.read(bytes))
  socket.on("error", () => {})
  socket.on("close", () => watchers.delete(client))
})
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 })
