/** Cells that are neighbours on the same node: the nodes list each other, and the cells' transport reads the list. */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as GameDriver from "../../src/Life/Game/GameDriver.ts"
import type { StateObserver } from "../../src/Life/Game/Onset.ts"
import * as SocketTransport from "../../src/Life/Game/SocketTransport.ts"
import * as Topology from "../../src/Life/Universe/Topology.ts"
import * as JetStreamLogs from "../../src/Log/JetStreamLogs.ts"
import { Reactor } from "../../src/WebSocket/Connection/Reactor.ts"
import * as FaultyNetwork from "../Chaos/FaultyNetwork.ts"
import { freePort } from "../freePort.ts"
import { fast, random, Witness } from "../Life/Game/games.ts"
import * as NatsServer from "../Log/NatsServer.ts"
import { serveRelay, until } from "./Game/RelayRig.ts"

/** A node, whose advertised address is that of a network before it. */
const node = Effect.fnUntraced(function* (nats: string, name: string) {
  const port = yield* Effect.promise(() => freePort("127.0.0.1"))
  const { network, port: advertised } = yield* FaultyNetwork.scoped(port)
  network.isOpen = true
  const url = `ws://127.0.0.1:${advertised}/`
  yield* serveRelay({ node: name, port, advertise: url }, JetStreamLogs.layer({ servers: [nats], name }))
  return { network, port, url }
})

const nodesAt = (port: number, path: string) =>
  Effect.promise(async () => {
    const response = await fetch(`http://127.0.0.1:${port}${path}nodes.json`)
    const { nodes } = (await response.json()) as Listed
    return nodes.map(({ name, url }) => [name.split(".")[0], url])
  })

interface Listed {
  readonly nodes: ReadonlyArray<{ readonly name: string; readonly url: string }>
}

/** The number of its connections. */
const connections = (network: { readonly cut: (isChosen: () => boolean) => number }): number => {
  let count = 0
  network.cut(() => {
    count++
    return false
  })
  return count
}

describe("cells on nodes that say how they are reached", () => {
  it.scopedLive(
    "cells on nodes that say how they are reached connect in blocks of neighbours, and any node takes those whose node is gone",
    () =>
      Effect.gen(function* () {
        const nats = yield* NatsServer.scoped()
        const [a, b] = [yield* node(nats.url, "a"), yield* node(nats.url, "b")]
        const path = "/games/placed/"
        for (const { port } of [a, b]) yield* until(nodesAt(port, path), (nodes) => nodes.length === 2)
        assert.deepStrictEqual(yield* nodesAt(b.port, path), [
          ["a", `${a.url}games/placed/`],
          ["b", `${b.url}games/placed/`]
        ])
        assert.deepStrictEqual(yield* nodesAt(a.port, "/"), [
          ["a", a.url],
          ["b", b.url]
        ])

        const topology = Topology.torus(6, 4)
        const options: GameDriver.GameOptions = { ...fast, start: random(topology), topology, steps: 60, speed: 20 }
        const witness = new Witness(options)
        const begun = yield* Deferred.make<void>()
        const observe = (): StateObserver => (step, row, col, state) => {
          witness.observe(step, row, col, state)
          if (step === 3) Deferred.unsafeDone(begun, Effect.void)
        }
        const transport = SocketTransport.layer({ url: new URL(`ws://127.0.0.1:${a.port}${path}`) })
        yield* Effect.gen(function* () {
          const { done } = yield* GameDriver.start({ ...options, observe })
          yield* Deferred.await(begun)
          assert.deepStrictEqual([connections(a.network), connections(b.network)], [12, 12])
          b.network.isOpen = false
          b.network.cut(() => true)
          yield* done
          witness.assertRight(60)
          assert.deepStrictEqual([connections(a.network), connections(b.network)], [12, 0])
        }).pipe(Effect.provide(Layer.provide(transport, Reactor.layer())))
      })
  )

  it.scopedLive("cells on nodes that say how they are reached are listed only if they say so", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      assert.deepStrictEqual(yield* nodesAt(port, "/"), [])
      assert.deepStrictEqual(yield* nodesAt(port, "/games/none/"), [])
    })
  )
})
