import * as FileSystem from "@effect/platform/FileSystem"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as PageBundle from "../../../src/Server/Pages/PageBundle.ts"

const bundleOf = Effect.fn(function* (files: Record<string, string>) {
  const fs = yield* FileSystem.FileSystem
  const folder = yield* fs.makeTempDirectoryScoped()
  for (const [name, text] of Object.entries(files)) yield* fs.writeFileString(`${folder}/${name}`, text)
  return yield* PageBundle.bundle(`${folder}/main.ts`)
})

layer(NodeFileSystem.layer)("PageBundle", (it) => {
  it.scoped("bundles a page's modules into one script", () =>
    Effect.gen(function* () {
      const script = yield* bundleOf({
        "main.ts": 'import { answer } from "./Answer.ts"\nglobalThis.postMessage(answer satisfies number)',
        "Answer.ts": "export const answer: number = 42"
      })
      assert.include(script, "42")
      assert.notMatch(script, /import|satisfies/)
    })
  )

  it.scoped("says where an error is", () =>
    Effect.gen(function* () {
      const { message } = yield* Effect.flip(bundleOf({ "main.ts": 'import "./Missing.ts"' }))
      assert.match(message, /main\.ts:1:7.*Missing\.ts/)
    })
  )
})
