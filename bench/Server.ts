import * as net from "node:net"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import { BenchError } from "./BenchError.ts"
import { type Contender, peersFolder } from "./Contender.ts"
import * as ProcessTree from "./ProcessTree.ts"

export interface Server extends ProcessTree.ProcessTree {
  readonly port: number
}

/**
 * A port that was free a moment ago, outside of the kernel's ephemeral range. Before the server listens, a connection attempt to
 * an ephemeral port can get this same port as its source and connect to itself.
 */
export const freePort: Effect.Effect<number, BenchError> = Effect.async<number, BenchError>((resume) => {
  const port = 20_000 + Math.floor(Math.random() * 12_000)
  const server = net.createServer()
  server.on("error", () => resume(new BenchError({ message: `port ${port} is in use` })))
  server.listen(port, "127.0.0.1", () => server.close(() => resume(Effect.succeed(port))))
}).pipe(Effect.retry({ times: 20 }))

export const accepts = (port: number): Effect.Effect<void, BenchError> =>
  Effect.async((resume) => {
    const socket = net.connect(port, "127.0.0.1")
    socket.on("connect", () => {
      socket.destroy()
      resume(Effect.void)
    })
    socket.on("error", () => resume(new BenchError({ message: `nothing listens on port ${port}` })))
  })

/** Starts the server of a contender and waits until it accepts connections. `page` is a file for servers that serve any page. */
export const start = (contender: Contender, page = ""): Effect.Effect<Server, BenchError, Scope.Scope> =>
  Effect.gen(function* () {
    const port = yield* freePort
    const program = contender.server?.(port, page)
    if (!program) return yield* new BenchError({ message: `${contender.title} has no server` })
    const tree = yield* ProcessTree.start(program)
    const ended = tree.exited.pipe(
      Effect.flatMap((status) => Effect.map(tree.output, (output) => `ended with status ${status}: ${output}`)),
      Effect.flatMap((message) => new BenchError({ message: `the server of ${contender.title} ${message}` }))
    )
    yield* accepts(port).pipe(
      Effect.retry(Schedule.spaced("5 millis").pipe(Schedule.upTo("20 seconds"))),
      Effect.raceFirst(ended)
    )
    if (contender.speaksTls !== true) return { port, ...tree }
    const bridge = yield* freePort
    yield* ProcessTree.start({ command: "node", args: ["tls-bridge.js", bridge, port], cwd: peersFolder })
    yield* Effect.retry(accepts(bridge), Schedule.spaced("5 millis").pipe(Schedule.upTo("20 seconds")))
    return { ...tree, port: bridge }
  })
