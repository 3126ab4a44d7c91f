/** `serve` as a process: where it listens, and its messages when it can't. */
import { execFile } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { type AddressInfo, createServer, connect as dialTcp } from "node:net"
import { networkInterfaces, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { freePort } from "../../freePort.ts"
import { need } from "../../need.ts"
import { start } from "../../Server/ServerProcess.ts"
import { limit, WsClient } from "../../WebSocket/Rig.ts"
import { run } from "../processes.ts"

/** A port of this host that another program uses. */
const taken = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = createServer().listen(0, "127.0.0.1")
    await once(server, "listening")
    return server
  }),
  (server) => Effect.sync(() => server.close())
).pipe(Effect.map((server) => (server.address() as AddressInfo).port))

describe("serve", () => {
  it.scopedLive("serve listens on both address families by default", () =>
    Effect.gen(function* () {
      const server = yield* start(["serve", "--port", "0"])
      const port = yield* Effect.promise(() => server.port())
      const hasIpv6 = networkInterfaces()["lo"]?.some(({ address }) => address === "::1") === true
      for (const host of ["127.0.0.1", "localhost", ...(hasIpv6 ? ["[::1]"] : [])]) {
        const client = new WsClient(`ws://${host}:${port}/test/ws/`)
        assert.strictEqual(yield* limit(Effect.promise(() => client.next())), "Hello!")
        client.socket.terminate()
        const page = yield* Effect.promise(() => fetch(`http://${host}:${port}/`))
        assert.strictEqual(page.status, 200)
      }
    })
  )

  it.live("serve shows its help behind other options too", () =>
    Effect.gen(function* () {
      const help = yield* run(["serve", "--help"])
      assert.include(help.output, "--max-connections")
      for (const given of [
        ["--port", "0", "--help"],
        ["-h", "--quiet"]
      ])
        assert.deepStrictEqual(yield* run(["serve", ...given]), help)
    })
  )

  it.scopedLive("serve says in one line that the port is in use, with status 1", () =>
    Effect.gen(function* () {
      const port = yield* taken
      const { errors, output, status } = yield* run(["serve", "--host", "127.0.0.1", "--port", String(port)])
      assert.strictEqual(status, 1)
      assert.match(
        errors,
        new RegExp(`^effect-c10k: port ${port} is in use on 127\\.0\\.0\\.1: [^\\n]*another port\\n$`)
      )
      assert.notInclude(output, "Listening")
    })
  )

  for (const [name, args, words] of [
    ["a port out of range", ["--port", "65536"], /65536.*65535/],
    ["a negative port", ["--port=-1"], /-1/],
    ["an unknown host", ["--host", "no-such-host.invalid"], /unknown host no-such-host\.invalid/],
    ["an address of another machine", ["--host", "203.0.113.1", "--insecure"], /not an address of this machine/],
    ["a port that is no number", ["--port", "abc"], /abc|integer/],
    ["an unknown option", ["--prot", "80"], /--prot/]
  ] as const)
    it.scopedLive(`serve refuses ${name} in one line, without a stack trace`, () =>
      Effect.gen(function* () {
        const { errors, output, status } = yield* run(["serve", ...args])
        assert.strictEqual(status, 1)
        const said = `${errors}${output}`
        assert.match(said, words)
        assert.notMatch(said, /\n\s+at /)
      })
    )
})

/** Has the conversation of the original with Python's `websockets`. Returns the transcript. */
const python = `
import asyncio, sys, websockets
async def main():
    got = []
    async with websockets.connect(sys.argv[1]) as ws:
        got.append(await ws.recv())
        for text in ("Spam?", "Eggs!", "Python."):
            await ws.send(text)
            got.append(await ws.recv())
        got.append(await ws.recv())
        await ws.wait_closed()
        print("|".join(got), ws.close_code)
asyncio.run(main())
`

describe("a client in Python", () => {
  it.scopedLive("a client in Python holds the conversation, with and without compression", () =>
    Effect.gen(function* () {
      need("python3-websockets")
      const server = yield* start(["serve", "--host", "127.0.0.1", "--port", "0"])
      const port = yield* Effect.promise(() => server.port())
      const asked = promisify(execFile)("/usr/bin/python3", ["-c", python, `ws://127.0.0.1:${port}/test/ws/`])
      const { stdout } = yield* Effect.promise(() => asked)
      assert.strictEqual(stdout, "Hello!|1. Spam?|2. Eggs!|3. Python.|Goodbye! 1000\n")
    })
  )
})

const root = fileURLToPath(new URL("../../../", import.meta.url))

/** Waits until something listens. */
const listening = (port: number) =>
  Effect.promise(async () => {
    for (;;) {
      const socket = dialTcp(port, "localhost")
      const connected = await new Promise<boolean>((resolve) => {
        socket.once("connect", () => resolve(true))
        socket.once("error", () => resolve(false))
      })
      socket.destroy()
      if (connected) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })

describe("the guide of the API", () => {
  it.scopedLive("its first server runs as it is printed", () =>
    Effect.gen(function* () {
      const guide = yield* Effect.promise(() => readFile(join(root, "docs/api.md"), "utf8"))
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      const example = (/```ts\n(.*?)```/s.exec(guide)?.[1] ?? "")
        .replace("8000", String(port))
        .replace('"effect-c10k"', JSON.stringify(join(root, "src/index.ts")))
      const folder = yield* Effect.acquireRelease(
        Effect.promise(() => mkdtemp(join(tmpdir(), "effect-c10k-guide-"))),
        (folder) => Effect.promise(() => rm(folder, { recursive: true }))
      )
      yield* Effect.promise(() => symlink(join(root, "node_modules"), join(folder, "node_modules")))
      yield* Effect.promise(() => writeFile(join(folder, "package.json"), '{ "type": "module" }'))
      const program = join(folder, "greet.ts")
      yield* Effect.promise(() => writeFile(program, example))
      const server = yield* start([], { program })
      yield* limit(
        Effect.raceFirst(
          listening(port),
          Effect.promise(() => server.ended)
        )
      )
      assert.strictEqual(server.errors, "")
      const client = new WsClient(`ws://localhost:${port}/greet/fr/`)
      assert.strictEqual(yield* limit(Effect.promise(() => client.next())), "Comment t'appelles-tu ?")
      client.socket.send("Ada")
      assert.strictEqual(yield* limit(Effect.promise(() => client.next())), "Hello, Ada!")
      assert.strictEqual((yield* limit(Effect.promise(() => client.closed))).code, 1000)
    })
  )
})
