import { readFile } from "node:fs/promises"
import { brotliCompressSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import * as PageBundle from "../../src/Server/Pages/PageBundle.ts"

const root = new URL("../../static/", import.meta.url)

describe("The watch page in use", () => {
  it("The watch page in use takes at most 60 kB, compressed, with all that its document loads and the worker that draws", async () => {
    const html = await readFile(new URL("watch/index.html", root), "utf8")
    const sheets = [...html.matchAll(/<link rel="stylesheet" href="\/static\/([^"]+)"/g)].map(([, path]) => path!)
    const scripts = [...html.matchAll(/<script type="module" src="\/static\/([^"]+)\.js"/g)].map(([, path]) => path!)
    assert.isNotEmpty(sheets)
    assert.deepStrictEqual(scripts, ["watch/main"])
    const { outputFiles } = await build({
      ...PageBundle.options,
      entryPoints: [...scripts, "watch/drawing/main"].map((path) => new URL(`${path}.ts`, root).pathname),
      outdir: "out",
      write: false
    })
    const files = [
      Buffer.from(html),
      ...outputFiles.map(({ contents }) => contents),
      ...(await Promise.all(sheets.map((path) => readFile(new URL(path, root)))))
    ]
    const sizes = files.map((file) => brotliCompressSync(file).length)
    assert.isAtMost(
      sizes.reduce((sum, size) => sum + size, 0),
      60_000,
      sizes.join(" + ")
    )
  })

  it("The reader of patterns, which the page loads later, takes at most 14 kB, compressed", async () => {
    const { outputFiles } = await build({
      ...PageBundle.options,
      entryPoints: [new URL("watch/reading/main.ts", root).pathname],
      write: false
    })
    const [size] = outputFiles.map(({ contents }) => brotliCompressSync(contents).length)
    assert.isAtMost(size ?? Number.NaN, 14_000)
  })
})
