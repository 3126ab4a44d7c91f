import { once } from "node:events"
import { createServer } from "node:net"

/**
 * Below the ports that the system gives by itself: whoever listens on 0, or connects, does not get one of these. A client that looks
 * for a server could even be given its port, and meet itself.
 */
const lowest = 20_000
const count = 12_000

/** A port of that host on which nothing listens, and which stays free until it is used. */
export const freePort = async (host: string): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count)
    const server = createServer().listen(port, host)
    try {
      await once(server, "listening")
    } catch {
      // Taken.
      continue
    }
    server.close()
    await once(server, "close")
    return port
  }
}
