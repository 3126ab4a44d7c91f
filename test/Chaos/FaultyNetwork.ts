/** A proxy between clients and servers. It distributes the clients over the servers, and can cut connections or refuse new ones. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"

interface Pair {
  readonly near: Net.Socket
  readonly far: Net.Socket
}

class FaultyNetwork {
  /** Whether new connections are accepted. */
  isOpen = false
  readonly #pairs = new Set<Pair>()
  readonly #targets: ReadonlyArray<number>
  readonly #server: Net.Server
  /** The index of the server for the next connection. */
  #next = 0

  constructor(targets: ReadonlyArray<number>) {
    this.#targets = targets
    this.#server = Net.createServer((near) => this.#accept(near))
  }

  listen(): Promise<number> {
    return new Promise((resolve) => {
      this.#server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
        const address = this.#server.address()
        resolve(typeof address === "object" && address !== null ? address.port : 0)
      })
    })
  }

  /** Cuts the connections for which `isChosen` is true, and returns their number. */
  cut(isChosen: () => boolean): number {
    const chosen = [...this.#pairs].filter(isChosen)
    for (const { far, near } of chosen) {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    return chosen.length
  }

  close(): void {
    this.cut(() => true)
    this.#server.close()
  }

  #accept(near: Net.Socket): void {
    near.on("error", () => {})
    if (!this.isOpen) return void near.destroy()
    const port = this.#targets[this.#next++ % this.#targets.length]!
    const far = Net.connect({ host: "127.0.0.1", port, noDelay: true })
    const pair: Pair = { near, far }
    this.#pairs.add(pair)
    far.on("error", () => {})
    near.on("close", () => far.destroy())
    far.on("close", () => {
      near.destroy()
      this.#pairs.delete(pair)
    })
    near.setNoDelay(true)
    near.pipe(far)
    far.pipe(near)
  }
}

/** A network to several ports of this machine, which it uses in turn, and its own port. */
export const scoped = (...targets: ReadonlyArray<number>) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const network = new FaultyNetwork(targets)
      return { network, port: await network.listen() }
    }),
    ({ network }) => Effect.sync(() => network.close())
  )
