/** What a page loads of this package beside Effect. */
import { fileURLToPath } from "node:url"
import { gzipSync } from "node:zlib"
import { assert, it } from "@effect/vitest"
import { build } from "esbuild"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The bytes of a program for browsers, compressed, without Effect itself. */
const sizeOf = async (program: string): Promise<number> => {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: root, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    external: ["effect/*"],
    write: false
  })
  return gzipSync(outputFiles[0]!.contents).length
}

it("the reconnecting client and the client of channels have at most 10 KB for a page", async () => {
  const used = "ChannelsClient, Codec, Link, NativeConnector, Reconnecting"
  const size = await sizeOf(`import { ${used} } from "./src/browser.ts"; console.log(${used})`)
  assert.isAtMost(size, 10 * 1024)
})
