import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as GameDriver from "../Life/GameDriver.ts"
import * as RandomStart from "../Life/RandomStart.ts"
import * as Rule from "../Life/Rule.ts"
import * as SocketTransport from "../Life/SocketTransport.ts"
import * as Topology from "../Life/Topology.ts"
import { Reactor } from "../WebSocket/Reactor.ts"

export const run = Effect.fn("life")(
  function* (options: {
    readonly size: number
    readonly noWrap: boolean
    readonly steps: Option.Option<number>
    readonly speed: number
    readonly connectRate: Option.Option<number>
    readonly url: string
  }) {
    const { size } = options
    const topology = options.noWrap ? Topology.plane(size, size) : Topology.torus(size, size)
    const game = yield* GameDriver.start({
      start: RandomStart.make({ width: size, height: size, seed: 1 }),
      rule: Rule.life,
      topology,
      steps: Option.getOrElse(options.steps, () => Number.POSITIVE_INFINITY),
      speed: options.speed,
      connectRate: Option.getOrElse(options.connectRate, () => Number.POSITIVE_INFINITY),
      resume: false
    })
    yield* game.done
  },
  Effect.scoped,
  (effect, options) =>
    Effect.provide(
      effect,
      SocketTransport.layer({ url: new URL(options.url) }).pipe(Layer.provideMerge(Reactor.layer()))
    )
)
