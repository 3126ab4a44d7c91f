/** `life -p -`: a pattern from standard input, in each format that files may have. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { run, served } from "../processes.ts"

/** The same glider. */
const formats: Readonly<Record<string, string>> = {
  "plain text": "!Name: Glider\n.O.\n..O\nOOO\n",
  "plain text with Windows' line ends": ".O.\r\n..O\r\nOOO\r\n",
  RLE: "#N Glider\nx = 3, y = 3, rule = B3/S23\nbob$2bo$3o!\n",
  "Life 1.05": "#Life 1.05\n#D Glider\n#N\n#P -1 -1\n.*.\n..*\n***\n",
  "Life 1.06": "#Life 1.06\n0 -1\n1 0\n-1 1\n0 1\n1 1\n"
}

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-c10k-stdin-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
)

/** Plays the pattern of a file through standard input. */
const play = Effect.fnUntraced(function* (at: ReadonlyArray<string>, text: string) {
  const file = join(yield* folder, "pattern")
  writeFileSync(file, text)
  const options = ["-p", "-", "-s", "8", "-n", "4", "-l", "1000", "--check", "-q", "--output", "-"]
  return yield* run(["life", ...at, ...options], { after: `< ${file}` })
})

describe("a pattern from standard input", () => {
  it.scopedLive("a pattern from standard input is played, whatever its format", () =>
    Effect.gen(function* () {
      const { at } = yield* served
      for (const [name, text] of Object.entries(formats)) {
        const { errors, output, status } = yield* play(at, text)
        assert.strictEqual(status, 0, `${name}: ${errors}`)
        // It was at row 2, column 2, and moved one cell down and one to the right.
        assert.match(output, /^#CXRLE Pos=-4,-4 Gen=4$/m, name)
        assert.match(output, /^3\$4bo\$5bo\$3b3o2\$8b!$/m, name)
      }
    })
  )

  it.scopedLive("a pattern from standard input that is none is told in one line, with its place", () =>
    Effect.gen(function* () {
      const at = ["--url", "ws://127.0.0.1:1"]
      const broken = yield* play(at, "x = 3, y = 1\nboq!\n")
      assert.strictEqual(broken.status, 1)
      assert.match(broken.errors, /^effect-c10k: standard input, line 2, column 3: found "q"[^\n]*\n$/)
      const empty = yield* play(at, "")
      assert.strictEqual(empty.status, 1)
      assert.match(empty.errors, /^effect-c10k: standard input: it is empty; expected[^\n]*\n$/)
    })
  )
})
