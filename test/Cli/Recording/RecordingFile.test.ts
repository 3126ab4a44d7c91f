import { deflateRawSync } from "node:zlib"
import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as RecordingFile from "../../../src/Cli/Recording/RecordingFile.ts"
import { block, gameBlock, kind } from "../../../src/Protocol/Recording.ts"
import { RecordingWriter } from "../../../src/Protocol/RecordingWriter.ts"
import { Reactor } from "../../../src/WebSocket/Connection/Reactor.ts"

describe("RecordingFile", () => {
  it.scoped("the end of a recording is found from its last keyframe on, without what comes before", () =>
    Effect.gen(function* () {
      const writer = new RecordingWriter(4, 2)
      const head = gameBlock({ width: 2, height: 2, topology: "", begun: 0, stateCount: 2 })
      const news = (step: number) => {
        for (let index = 0; index < 4; index++) writer.record(index, step, 1)
        return writer.news(step * 100)
      }
      const first = news(0)
      const ends = (...blocks: ReadonlyArray<Uint8Array>) =>
        Effect.gen(function* () {
          const fs = yield* FileSystem.FileSystem
          const file = yield* fs.makeTempFileScoped()
          yield* fs.writeFile(file, Buffer.concat([head, ...blocks]))
          return [...(yield* RecordingFile.load(file, Option.none())).ends()]
        })
      expect((yield* ends(first, news(1), news(2))).at(-1)).toEqual({ step: 2, time: 200 })
      // The only cell of this block is outside of the grid, which a reader would refuse.
      const damaged = block(kind.news, Uint8Array.of(0, 1, 100))
      const packed = block(kind.packed, deflateRawSync(writer.keyframe()))
      expect(yield* ends(damaged, packed, news(3))).toEqual([
        { step: 2, time: 200 },
        { step: 3, time: 300 }
      ])
    }).pipe(Effect.provide([NodeContext.layer, Reactor.layer()]))
  )
})
