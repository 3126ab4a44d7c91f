/** Protocol 0 with the other side in Python, as client and as server: Debian's package of `websockets`. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { need } from "../../need.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"

const python = "/usr/bin/python3"
const peer = (name: string) => fileURLToPath(new URL(`../../../bench/peers/${name}`, import.meta.url))
const run = promisify(execFile)

/** Starts a relay written in Python. Returns its port. */
const pythonRelay = Effect.map(
  Effect.acquireRelease(
    Effect.promise(async () => {
      need("python3-websockets")
      const child = spawn(python, [peer("python_server.py"), "0"], { stdio: ["ignore", "pipe", "inherit"] })
      const [line] = await once(createInterface(child.stdout), "line")
      return { child, port: Number(line) }
    }),
    ({ child }) => Effect.sync(() => child.kill("SIGKILL"))
  ),
  ({ port }) => port
)

describe("other programs that speak protocol 0", () => {
  it.scopedLive("life plays on a relay written in Python, every cell of every step right", () =>
    Effect.gen(function* () {
      const port = yield* pythonRelay
      const url = `ws://127.0.0.1:${port}`
      const life = yield* ServerProcess.start(["life", "--url", url, "-s", "8", "-n", "20", "-l", "1000", "--check"])
      assert.strictEqual(yield* Effect.promise(() => life.ended), 0, life.errors)
      assert.include(life.output, "21 steps compared with a simulation, all cells right")
    })
  )

  it.scopedLive("life tells what such a relay can't do", () =>
    Effect.gen(function* () {
      const port = yield* pythonRelay
      const life = yield* ServerProcess.start([
        "life",
        "--url",
        `ws://127.0.0.1:${port}`,
        "--width",
        "4",
        "--height",
        "5"
      ])
      assert.strictEqual(yield* Effect.promise(() => life.ended), 1)
      assert.include(life.errors, "it knows square grids only")
    })
  )

  it.scopedLive("cells written in Python play on our server: a glider comes back", () =>
    Effect.gen(function* () {
      need("python3-websockets")
      const server = yield* ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0"])
      const port = yield* Effect.promise(() => server.port())
      const glider = "0,1;1,2;2,0;2,1;2,2"
      const args = [peer("python_life.py"), String(port), "6", "24", glider]
      const { stdout } = yield* Effect.promise(() => run(python, args))
      assert.strictEqual(stdout.trim(), glider)
    })
  )
})
