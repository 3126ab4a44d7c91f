/** Stands between clients and their servers, which it spreads them over, and can cut their connections, or let nobody through. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"

interface Pair {
  readonly near: Net.Socket
  readonly far: Net.Socket
}

class FaultyNetwork {
  /** Whether new connections get through. */
  isOpen = false
  readonly #pairs = new Set<Pair>()
  readonly #targets: ReadonlyArray<number>
  readonly #server: Net.Server
  /** The server that the next one comes to. */
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

  /** Cuts the connections that `isChosen`, and says how many. */
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

/** A network to ports of this machine, each in its turn, and its own port. */
export const scoped = (...targets: ReadonlyArray<number>) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const network = new FaultyNetwork(targets)
      return { network, port: await network.listen() }
    }),
    ({ network }) => Effect.sync(() => network.close())
  )
