/**
 * A game during which processes are killed and connections are cut at random. Server and `life` are separate processes with a
 * proxy between them, and an observer knows every cell of every step.
 */
import * as Effect from "effect/Effect"
import { PCGRandom } from "effect/Utils"
import * as RandomStart from "../../src/Life/Universe/RandomStart.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import { freePort } from "../freePort.ts"
import { stateLimit } from "../limits.ts"
import { start } from "../Server/ServerProcess.ts"
import * as FaultyNetwork from "./FaultyNetwork.ts"
import { ChaosFailure, kill } from "./Killing.ts"
import { Observer } from "./Observer.ts"

export interface ChaosOptions {
  /** The seed for what is killed, and when. */
  readonly seed: number
  readonly width: number
  readonly height: number
  readonly steps: number
  readonly kills: number
  /** The most steps per second. */
  readonly speed: number
  readonly log?: (line: string) => void
}

interface ChaosReport {
  readonly server: number
  readonly life: number
  readonly sockets: number
  /** The number of states that were published again. */
  readonly repeated: number
  /** The longest time from when a server listens to the next complete step, in milliseconds. */
  readonly slowest: number
}

type Kind = "server" | "life" | "sockets"

const kinds: ReadonlyArray<Kind> = ["server", "life", "sockets"]

/** Plays the game to its end. A failure says what went wrong, and has the seed to repeat the game. */
export const run = Effect.fn("LifeChaos.run")(function* (options: ChaosOptions) {
  const { height, kills, log = () => {}, seed, speed, steps, width } = options
  const random = new PCGRandom(seed)
  const topology = Topology.torus(width, height)
  const observer = new Observer(RandomStart.make({ width, height, seed }), topology, steps)
  const port = yield* Effect.promise(() => freePort("127.0.0.1"))
  const { network, port: nearPort } = yield* FaultyNetwork.scoped(port)
  const counts = { server: 0, life: 0, sockets: 0 }
  let slowest = 0

  const serve = Effect.gen(function* () {
    const server = yield* start(["serve", "--host", "127.0.0.1", "--port", String(port)])
    yield* Effect.promise(() => server.port())
    const listening = performance.now()
    // The cells connect only when the observer is connected, so that it gets the states that they publish again.
    yield* Effect.promise(() => observer.connect(port))
    network.isOpen = true
    return { server, listening }
  })
  const game = ["--width", width, "--height", height, "--seed", seed, "-n", steps, "-l", speed].map(String)
  const live = (resume: boolean) =>
    start(["life", "--url", `ws://127.0.0.1:${nearPort}`, ...game, "--check", ...(resume ? ["--resume"] : [])])
  const wait = (step: number) =>
    Effect.gen(function* () {
      yield* Effect.promise(() => observer.until(step)).pipe(
        Effect.timeoutFail({
          duration: stateLimit(),
          onTimeout: () => new ChaosFailure({ seed, reason: `stuck at step ${observer.step}: ${life.errors}` })
        })
      )
      if (observer.wrong !== undefined) return yield* new ChaosFailure({ seed, reason: observer.wrong })
    })

  yield* Effect.addFinalizer(() => Effect.sync(() => observer.close()))
  let { server } = yield* serve
  let life = yield* live(false)
  yield* wait(0)
  for (let n = 0; n < kills; n++) {
    const kind = kinds[random.integer(kinds.length)]!
    yield* wait(Math.min(steps - 3, Math.max(observer.step + 1, Math.floor((n * (steps - 4)) / kills))))
    // The kill comes at any moment of a step, not only at its end.
    yield* Effect.sleep(random.number() * (1000 / speed))
    counts[kind]++
    const before = observer.step
    if (kind === "server") {
      network.isOpen = false
      yield* kill(server)
      const started = yield* serve
      server = started.server
      yield* wait(Math.min(steps, before + 1))
      slowest = Math.max(slowest, performance.now() - started.listening)
    } else if (kind === "life") {
      yield* kill(life)
      life = yield* live(true)
    } else {
      network.cut(() => random.number() < 0.5)
    }
    log(`${n + 1}/${kills}: ${kind} at step ${before}`)
    // Before the next kill, both sides must know the states that one of them has kept.
    yield* wait(Math.min(steps, before + 2))
  }
  yield* wait(steps)
  const status = yield* Effect.promise(() => life.ended)
  if (status !== 0) return yield* new ChaosFailure({ seed, reason: `life ended with ${status}: ${life.errors}` })
  return { ...counts, repeated: observer.repeated, slowest: Math.round(slowest) } satisfies ChaosReport
}, Effect.scoped)
