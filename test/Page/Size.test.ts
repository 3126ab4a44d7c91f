import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { get as httpGet } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brotliCompressSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { build } from "esbuild"
import { buildPages } from "../../scripts/pages.ts"
import * as PageBundle from "../../src/Server/Pages/PageBundle.ts"
import { hashOf } from "../../src/Server/Pages/StaticFiles.ts"
import { serveRelay } from "../Server/Game/RelayRig.ts"

const root = new URL("../../static/", import.meta.url)

interface Answer {
  /** The bytes of the status line and of the headers. */
  readonly head: number
  readonly body: Buffer
}

/** The answer to a browser that keeps its connection. */
const get = (port: number, path: string, accepts: string) =>
  Effect.promise(
    () =>
      new Promise<Answer>((resolve, reject) => {
        const headers = { "accept-encoding": accepts, connection: "keep-alive" }
        httpGet({ host: "127.0.0.1", port, path, headers }, (response) => {
          const { httpVersion, rawHeaders, statusCode, statusMessage } = response
          const line = `HTTP/${httpVersion} ${statusCode} ${statusMessage}`.length
          const chunks: Array<Buffer> = []
          response.on("data", (chunk: Buffer) => chunks.push(chunk))
          // Two characters end a line, and two are between a name and its value.
          const head = rawHeaders.reduce((sum, text) => sum + text.length + 2, line + 4)
          response.on("end", () => resolve({ head, body: Buffer.concat(chunks) }))
        }).on("error", reject)
      })
  )

const built = Effect.acquireRelease(
  Effect.promise(async () => {
    const folder = await mkdtemp(join(tmpdir(), "pages-"))
    await buildPages("static", folder)
    return folder
  }),
  (folder) => Effect.promise(() => rm(folder, { recursive: true }))
)

describe("The watch page in use", () => {
  it.scopedLive(
    "The watch page in use takes at most 60 kB, compressed by the build, with the headers of all that its document loads and of the worker that draws",
    () =>
      Effect.gen(function* () {
        const folder = yield* built
        const { port } = yield* serveRelay()
        const page = yield* get(port, "/", "br")
        const plain = String((yield* get(port, "/", "identity")).body)
        const loaded = [...plain.matchAll(/(?:href|src)="\/static\/([^"]+)"/g)].map(([, path]) => path!)
        const files = [...new Set([...loaded, "watch/drawing/main.js"])]
        assert.sameMembers(files, ["icon.svg", "watch/main.css", "watch/main.js", "watch/drawing/main.js"])
        const names = yield* Effect.promise(() => readdir(folder, { recursive: true }))
        const sizes = [page.head + page.body.length]
        for (const name of files) {
          const path = `/static/${name}`
          // The page of the build asks with the hash, except for what the script loads.
          const hash = loaded.includes(name) ? `?v=${hashOf((yield* get(port, path, "identity")).body)}` : ""
          const { head } = yield* get(port, `${path}${hash}`, "br")
          const sent = join(folder, names.includes(`${name}.br`) ? `${name}.br` : name)
          sizes.push(head + (yield* Effect.promise(() => readFile(sent))).length)
        }
        assert.isAtMost(
          sizes.reduce((sum, size) => sum + size, 0),
          60_000,
          sizes.join(" + ")
        )
      })
  )

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
