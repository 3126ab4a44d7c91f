/** What games under chaos have in common. */
import * as Net from "node:net"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ServerProcess } from "../Server/ServerProcess.ts"

/** A free port that the kernel gives to no client: one that looks for a server could be given it, and meet itself. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = Net.createServer()
    server.on("error", () => resolve(freePort()))
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(port)))
  })

export const kill = ({ child, ended }: ServerProcess) =>
  Effect.promise(() => {
    child.kill("SIGKILL")
    return ended
  })

/** The game did not come to its end as it should. */
export class ChaosFailure extends Schema.TaggedError<ChaosFailure>()("ChaosFailure", {
  seed: Schema.Number,
  reason: Schema.String
}) {
  override get message(): string {
    return `seed ${this.seed}: ${this.reason}`
  }
}
