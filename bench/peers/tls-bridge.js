// Lets load generators without TLS reach a server with it: whatever connects to PORT gets a TLS connection to SERVER.
// usage: node tls-bridge.js PORT SERVER
import net from "node:net"
import tls from "node:tls"

const [port, server] = process.argv.slice(2).map(Number)

net
  .createServer({ noDelay: true, allowHalfOpen: true }, (plain) => {
    const secure = tls.connect({ port: server, host: "127.0.0.1", rejectUnauthorized: false, allowHalfOpen: true })
    secure.setNoDelay(true)
    for (const [from, to] of [
      [plain, secure],
      [secure, plain]
    ]) {
      from.pipe(to)
      from.on("error", () => to.destroy())
      from.on("close", () => to.destroy())
    }
  })
  .listen({ port, host: "127.0.0.1", backlog: 4096 })
