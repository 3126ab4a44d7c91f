/**
 * `PORT COUNT BYTES` opens COUNT WebSockets to `/test/echo/`. They send messages of BYTES bytes for as long as these
 * are accepted, and never read. With `unfinished` as the fourth word, each sends one message without its last byte.
 * Prints a line when all have connected, and ends with its standard input.
 */
import { connect } from "node:net"
import { frame, request } from "./RawPeer.ts"

const [port, count, bytes] = process.argv.slice(2).map(Number)
const isUnfinished = process.argv[5] === "unfinished"
const message = frame(2, Buffer.alloc(bytes!))
let connected = 0
let started = 0

const dial = () => {
  const socket = connect(port!, "127.0.0.1")
  const more = () => {
    while (socket.writable && socket.write(message));
  }
  socket.on("connect", () => {
    if (++connected === count) console.log("done")
    socket.pause()
    socket.write(request("/test/echo/"))
    if (isUnfinished) socket.write(message.subarray(0, -1))
    else more()
  })
  if (!isUnfinished) socket.on("drain", more)
  socket.on("error", () => {})
}

const timer = setInterval(() => {
  for (let i = 0; i < 20 && started < count!; i++, started++) dial()
  if (started === count) clearInterval(timer)
}, 10)

process.stdin.on("end", () => process.exit()).resume()
