/** A bundle of a small program with two commands, before and after its chunks are merged. */
import { execFileSync } from "node:child_process"
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { mergeChunks } from "../../scripts/mergeChunks.ts"

const sources = {
  "main.ts": `import { name } from "./name.ts"
    const { run } = await import("./root.ts")
    console.log(name, await run(process.argv[2]))`,
  "name.ts": `export const name = "program"`,
  "root.ts": `import { name } from "./name.ts"
    import { make } from "./everywhere.ts"
    const commands = { one: () => import("./one.ts"), two: () => import("./two.ts") }
    export const run = async (command) => name + make() + await (await commands[command]()).run()`,
  "everywhere.ts": `export const make = () => "-everywhere-"`,
  // The options of a command, which then loads what runs it.
  "one.ts": `import { make } from "./shared1.ts"
    export const run = async () => make() + await (await import("./oneHandler.ts")).run()`,
  "oneHandler.ts": `import { make } from "./shared1.ts"
    import { make as makeOther, count } from "./shared2.ts"
    import { make as makeMany } from "./both.ts"
    import { make as everywhere } from "./everywhere.ts"
    export const run = async () => [make(), makeOther(), await (await import("./later.ts")).run(), makeMany(), count, everywhere()].join()`,
  // Its entry points share in three ways, and each way is a chunk of esbuild's.
  "later.ts": `import { make, count } from "./shared2.ts"
    export const run = () => make() + "@" + count`,
  "shared1.ts": `export const make = () => "first"`,
  "shared2.ts": `import { make as everywhere } from "./everywhere.ts"
    export let count = 0
    export const make = () => { count++; return "second" + everywhere() }`,
  "both.ts": `export const make = () => "both"`,
  "two.ts": `import { make } from "./both.ts"
    import { make as everywhere } from "./everywhere.ts"
    export const run = async () => make() + everywhere()`
}

const temporary = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "merge-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true }))
)

const text = { platform: "node", target: "node20" } as const

const run = (main: string, command: string) => execFileSync(process.execPath, [main, command], { encoding: "utf8" })

describe("mergeChunks", () => {
  it.scopedLive("makes one file of what the same commands load, and the program does the same", () =>
    Effect.gen(function* () {
      const folder = yield* temporary
      const outdir = join(folder, "out")
      const entry = join(outdir, "main.mjs")
      const result = yield* Effect.promise(async () => {
        for (const [name, source] of Object.entries(sources)) await writeFile(join(folder, name), source)
        return build({
          ...text,
          entryPoints: { main: join(folder, "main.ts") },
          outdir,
          outExtension: { ".js": ".mjs" },
          chunkNames: "chunks/[name]-[hash]",
          bundle: true,
          splitting: true,
          format: "esm",
          metafile: true
        })
      })
      const outputs = Object.keys(result.metafile.outputs)
      const main = outputs.find((file) => file.endsWith("main.mjs"))!
      const root = Object.values(result.metafile.outputs).flatMap(({ entryPoint = "" }) =>
        entryPoint.endsWith("root.ts") ? [entryPoint] : []
      )[0]!
      const before = [run(entry, "one"), run(entry, "two")]
      const merged = yield* Effect.promise(() => mergeChunks(result.metafile, { entry: main, root, text }))
      assert.deepStrictEqual([run(entry, "one"), run(entry, "two")], before)
      assert.include(before[0], "program program-everywhere-firstfirst,second")
      const files = yield* Effect.promise(() => readdir(join(outdir, "chunks")))
      assert.strictEqual(files.length + 1, Object.keys(merged.outputs).length)
      // The two that only the first command loads.
      assert.strictEqual(Object.keys(merged.outputs).length, outputs.length - 1)
      const sizes = Object.values(merged.outputs).flatMap(({ inputs }) => Object.keys(inputs))
      for (const name of Object.keys(sources))
        assert.isTrue(
          sizes.some((input) => input.endsWith(name)),
          name
        )
    })
  )
})
