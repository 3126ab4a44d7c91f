import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as LibraryOffer from "../../../src/Cli/Serve/LibraryOffer.ts"
import { readPatternList } from "../../../src/Protocol/PatternList.ts"
import { StartOffer } from "../../../src/Server/Pages/StartOffer.ts"

describe("LibraryOffer", () => {
  it.effect("LibraryOffer offers every pattern of the library, as the page reads it", () =>
    Effect.gen(function* () {
      const { list } = yield* StartOffer
      const offer = yield* list
      assert.isAbove(offer.patterns.length, 40)
      assert.deepStrictEqual(readPatternList(JSON.parse(JSON.stringify(offer))), offer)
      const glider = offer.patterns.find(({ name }) => name === "glider")
      assert.deepStrictEqual(glider?.rows, ["OOO", "O..", ".O."])
      assert.match(glider?.about ?? "", /^Glider.*Spaceship, period 4, speed c\/4 diagonal\./)
      assert.isTrue(offer.hasControl)
    }).pipe(Effect.provide(LibraryOffer.layer({ hasControl: true }).pipe(Layer.provide(NodeContext.layer))))
  )

  it.live("LibraryOffer is read for all pages, even if the one that asked first has left", () =>
    Effect.gen(function* () {
      const { list } = yield* StartOffer
      const first = yield* Effect.fork(list)
      yield* Effect.yieldNow()
      yield* Fiber.interruptFork(first)
      assert.isAbove((yield* list).patterns.length, 0)
    }).pipe(Effect.provide(LibraryOffer.layer({ hasControl: true }).pipe(Layer.provide(NodeContext.layer))))
  )

  it.effect("LibraryOffer reads each file once", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const read = new Map<string, number>()
      const counting = FileSystem.FileSystem.of({
        ...fs,
        stream: (path, options) => {
          read.set(path, (read.get(path) ?? 0) + 1)
          return fs.stream(path, options)
        }
      })
      const offer = LibraryOffer.layer({ hasControl: false }).pipe(
        Layer.provide(Layer.merge(NodeContext.layer, Layer.succeed(FileSystem.FileSystem, counting)))
      )
      const { patterns } = yield* Effect.provide(
        Effect.flatMap(StartOffer, ({ list }) => list),
        offer
      )
      assert.strictEqual(read.size, patterns.length)
      assert.isTrue([...read.values()].every((times) => times === 1))
    }).pipe(Effect.provide(NodeContext.layer))
  )

  it("LibraryOffer gives the command in the way in which this program was started", () => {
    assert.strictEqual(LibraryOffer.lifeCommand("/here/src/main.ts", "/here"), "npx tsx src/main.ts life")
    assert.strictEqual(LibraryOffer.lifeCommand("/here/dist/main.js", "/here"), "node dist/main.js life")
    assert.strictEqual(LibraryOffer.lifeCommand("/usr/bin/effect-c10k", "/here"), "npx effect-c10k life")
  })
})
