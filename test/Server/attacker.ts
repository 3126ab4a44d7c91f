/**
 * Opens thousands of connections, in a process of its own. `half-open PORT COUNT` begins this many handshakes, never
 * ends one, and begins another for each that is closed. `burst PORT COUNT` opens this many WebSockets at the same time.
 * Prints a line when all connections were started, and ends with its standard input.
 */
import { connect, type Socket } from "node:net"
import { request } from "./RawPeer.ts"

const [mode, port, count] = process.argv.slice(2)
const wanted = Number(count)
const statuses = new Map<string, number>()
let dialled = 0
let answered = 0
let isReported = false

const report = () => {
  if (isReported) return
  isReported = true
  console.log(`done ${JSON.stringify(Object.fromEntries(statuses))}`)
}

const dial = () => {
  const socket: Socket = connect(Number(port), "127.0.0.1")
  let isCounted = false
  const note = (status: string) => {
    if (isCounted) return
    isCounted = true
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
    if (++answered === wanted) report()
  }
  socket.on("connect", () => {
    if (mode === "half-open") {
      socket.write("GET /watcher/ HTTP/1.1\r\nHost: local")
      if (++dialled === wanted) report()
    } else socket.write(request("/watcher/"))
  })
  socket.on("data", (data) => {
    if (mode === "burst") note(data.toString("latin1", 9, 12))
  })
  socket.on("error", () => {})
  socket.on("close", () => {
    if (mode === "burst") note("closed")
    else setTimeout(dial, 50)
  })
}

// Ten thousand in a second, if the machine is fast enough.
let started = 0
const timer = setInterval(() => {
  for (let i = 0; i < 100 && started < wanted; i++, started++) dial()
  if (started === wanted) clearInterval(timer)
}, 10)

process.stdin.on("end", () => process.exit()).resume()
