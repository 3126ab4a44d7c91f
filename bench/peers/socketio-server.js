// Fan-out on Socket.IO: the server sends each event `state` of a client to all clients.
// usage: node socketio-server.js PORT
import http from "node:http"
import { Server } from "socket.io"

const server = http.createServer()
const io = new Server(server, { transports: ["websocket"], perMessageDeflate: false, serveClient: false })
io.on("connection", (socket) => socket.on("state", (text) => io.emit("state", text)))
server.listen({ port: Number(process.argv[2]), host: "127.0.0.1", backlog: 4096 })
