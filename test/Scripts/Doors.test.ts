/** The doors of the package: what applications import. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import * as ApiReport from "../../scripts/apiReport.ts"

describe("the doors of the package", () => {
  it("the doors of the package are at most ten", () => {
    assert.isAtMost(ApiReport.doors().length, 10)
  })

  it("the doors of the package export what docs/public-api.txt lists; `npm run api-report` writes it anew", async () => {
    // In a process of its own, because it computes for seconds.
    const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/apiReport.ts", "-"])
    assert.strictEqual(readFileSync(ApiReport.file, "utf8"), stdout)
  })

  for (const [door, names] of [
    ["effect-c10k/browser", "Codec, Connector, NativeConnector, Reconnecting"],
    ["effect-c10k/Protocol", "Protocol0, WatchDecoder, Recording"]
  ] as const)
    it(`the doors of the package for pages, ${door}, is bundled for a browser without a module of Node`, async () => {
      const module = new Map(ApiReport.doors()).get(door)!
      const { metafile, outputFiles } = await build({
        stdin: {
          contents: `import { ${names} } from ${JSON.stringify(module)}\nconsole.log(${names})`,
          resolveDir: "."
        },
        bundle: true,
        format: "esm",
        platform: "browser",
        write: false,
        metafile: true
      })
      const imports = Object.values(metafile.inputs).flatMap((input) => input.imports.map(({ path }) => path))
      assert.deepStrictEqual(
        imports.filter((path) => path.startsWith("node:")),
        []
      )
      assert.notInclude(outputFiles[0]!.text, 'from "node:')
    })
})
