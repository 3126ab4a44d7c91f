/**
 * How the files of the pages are sent: compressed for clients that accept it, and cached by browsers until they change.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { get as httpGet, type IncomingHttpHeaders } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { brotliDecompressSync, gunzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { buildPages } from "../../../scripts/pages.ts"
import * as ContentEncoding from "../../../src/Server/Pages/ContentEncoding.ts"
import { hashOf, withHashes } from "../../../src/Server/Pages/StaticFiles.ts"
import { serveRelay } from "../Game/RelayRig.ts"

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** The bytes as they are sent: `fetch` would decode them. */
const get = (port: number, path: string, headers: Record<string, string>) =>
  Effect.promise(
    () =>
      new Promise<Answer>((resolve, reject) => {
        httpGet({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
          const chunks: Array<Buffer> = []
          response.on("data", (chunk: Buffer) => chunks.push(chunk))
          response.on("end", () =>
            resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) })
          )
        }).on("error", reject)
      })
  )

describe("Files of the pages", () => {
  for (const path of ["/", "/static/watch/main.js", "/static/watch/narrow.css"])
    it.scopedLive(`${path} is sent in an accepted encoding`, () =>
      Effect.gen(function* () {
        const { port } = yield* serveRelay()
        const plain = yield* get(port, path, {})
        assert.isUndefined(plain.headers["content-encoding"])
        const brotli = yield* get(port, path, { "accept-encoding": "gzip, deflate, br" })
        assert.strictEqual(brotli.headers["content-encoding"], "br")
        assert.deepStrictEqual(brotliDecompressSync(brotli.body), plain.body)
        const zipped = yield* get(port, path, { "accept-encoding": "gzip, br;q=0" })
        assert.strictEqual(zipped.headers["content-encoding"], "gzip")
        assert.deepStrictEqual(gunzipSync(zipped.body), plain.body)
        assert.isBelow(brotli.body.length, plain.body.length / 2)
        const answers = [plain, brotli, zipped]
        for (const { headers } of answers) {
          assert.strictEqual(headers.vary, "accept-encoding")
          assert.strictEqual(headers["cache-control"], "no-cache")
        }
        // Different bytes have different tags.
        assert.strictEqual(new Set(answers.map(({ headers }) => headers.etag)).size, 3)
        const again = yield* get(port, path, { "accept-encoding": "br", "if-none-match": brotli.headers.etag! })
        assert.deepStrictEqual([again.status, again.body.length], [304, 0])
        const other = yield* get(port, path, { "if-none-match": brotli.headers.etag! })
        assert.strictEqual(other.status, 200)
      })
    )

  it.scopedLive("The sheet of a page has those that it imports", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const { body, headers } = yield* get(port, "/static/watch/main.css", {})
      assert.strictEqual(headers["content-type"], "text/css; charset=utf-8")
      assert.notInclude(String(body), "@import")
      for (const rule of [".chip", ".is-big"]) assert.include(String(body), rule)
    })
  )

  it.scopedLive("Files of the pages are cached for a year if their url has their hash, and not if it has another", () =>
    Effect.gen(function* () {
      const { port } = yield* serveRelay()
      const path = "/static/shared.css"
      const { body } = yield* get(port, path, {})
      const named = yield* get(port, `${path}?v=${hashOf(body)}`, {})
      assert.strictEqual(named.headers["cache-control"], "public, max-age=31536000, immutable")
      assert.deepStrictEqual(named.body, body)
      const older = yield* get(port, `${path}?v=older`, {})
      assert.strictEqual(older.headers["cache-control"], "no-cache")
      assert.deepStrictEqual(older.body, body)
    })
  )
})

describe("buildPages", () => {
  it("buildPages compresses what it builds, and names files by their hash in the pages", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pages-"))
    try {
      await buildPages("static", folder)
      const names = await readdir(folder, { recursive: true })
      const script = await readFile(join(folder, "watch/main.js"))
      const page = await readFile(join(folder, "watch/index.html"), "utf8")
      assert.include(page, `src="/static/watch/main.js?v=${hashOf(script)}"`)
      assert.notMatch(page, /(?:src|href)="\/static\/[^"?]+"/)
      for (const name of ["watch/main.js", "watch/index.html", "watch/narrow.css"]) {
        assert.includeMembers(names, [`${name}.br`, `${name}.gz`])
        const body = await readFile(join(folder, name))
        assert.deepStrictEqual(brotliDecompressSync(await readFile(join(folder, `${name}.br`))), body)
        assert.deepStrictEqual(gunzipSync(await readFile(join(folder, `${name}.gz`))), body)
      }
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

describe("withHashes", () => {
  it("withHashes adds the hashes that it knows, and leaves other urls", () => {
    const html = '<link href="/static/a.css"><script src="/static/b.js"></script><a href="/other">'
    assert.strictEqual(
      withHashes(html, new Map([["a.css", "x"]])),
      '<link href="/static/a.css?v=x"><script src="/static/b.js"></script><a href="/other">'
    )
  })
})

describe("choose", () => {
  it("chooses the best encoding that is accepted and available", () => {
    const both = { br: new Uint8Array(1), gzip: new Uint8Array(1) }
    const cases = [
      [undefined, undefined],
      ["", undefined],
      ["identity", undefined],
      ["gzip, deflate, br, zstd", "br"],
      ["BR", "br"],
      ["br;q=0, gzip;q=0.5", "gzip"],
      ["*", "br"],
      ["*;q=0, gzip", "gzip"]
    ] as const
    for (const [header, expected] of cases) assert.strictEqual(ContentEncoding.choose(both, header), expected, header)
    assert.isUndefined(ContentEncoding.choose({}, "br"))
  })
})
