// The least work with which a server on Node can accept a WebSocket: one read, one SHA-1, one write. It trusts its clients: each
// must send the whole request at once and write the key's header in this case. Then it keeps the connection and reads nothing.
// Usage: node least-node.js PORT
import { createHash } from "node:crypto"
import net from "node:net"

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

const server = net.createServer((socket) => {
  socket.on("error", () => {})
  socket.once("data", (bytes) => {
    const request = bytes.latin1Slice()
    const start = request.indexOf("Sec-WebSocket-Key: ") + 19
    const accept = createHash("sha1")
      .update(request.slice(start, start + 24) + GUID)
      .digest("base64")
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`
    )
  })
})
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 })
