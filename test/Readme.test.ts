/** What the README shows: its commands are accepted as they are, and its load test runs against a real server. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocketServer } from "ws"
import * as Cli from "../src/Cli/Cli.ts"
import * as CliRig from "./Cli/CliRig.ts"
import { commandsIn, problemOf, wordsOf } from "./shownCommands.ts"

const root = new URL("../", import.meta.url)
const readme = readFileSync(new URL("README.md", root), "utf8")
const manifest = JSON.parse(readFileSync(new URL("package.json", root), "utf8"))

const commands = commandsIn(readme)

const echoServer = Effect.acquireRelease(
  Effect.async<WebSocketServer>((resume) => {
    const server: WebSocketServer = new WebSocketServer({ port: 0, host: "127.0.0.1" }, () =>
      resume(Effect.succeed(server))
    )
    server.on("connection", (socket) => {
      socket.on("message", (message) => socket.send(String(message)))
      socket.on("error", () => {})
    })
  }),
  (server) =>
    Effect.async<void>((resume) => {
      for (const client of server.clients) client.terminate()
      server.close(() => resume(Effect.void))
    })
)

describe("the README", () => {
  it("the README has the three doors and their commands", () => {
    assert.isAtLeast(commands.length, 4)
    for (const title of ["Load-test your server", "Write a server", "Watch 10,000 clients"])
      assert.include(readme, `\n## ${title}\n`)
  })

  it.each(commands)("%s is accepted by the command line", async (line) => {
    assert.isUndefined(await problemOf(wordsOf(line).slice(1)))
  })

  it("the README names scripts of package.json, and the version that `npm pack` makes", () => {
    for (const [, script = ""] of readme.matchAll(/npm run (\w+)/g)) assert.property(manifest.scripts, script)
    for (const text of [readme, readFileSync(new URL("examples/README.md", root), "utf8")])
      for (const [, version] of text.matchAll(/effect-c10k-([\d.]+)\.tgz/g))
        assert.strictEqual(version, manifest.version)
  })

  it.scopedLive("the README has a scenario that runs", () =>
    Effect.gen(function* () {
      const server = yield* echoServer
      const { port } = server.address() as AddressInfo
      const folder = yield* Effect.acquireRelease(
        Effect.sync(() => mkdtempSync(join(tmpdir(), "effect-c10k-readme-"))),
        (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
      )
      const file = join(folder, "talk.yaml")
      const scenario = /```yaml\n(.*?)```/s.exec(readme)?.[1] ?? ""
      assert.include(scenario, "ws://localhost:9000/")
      writeFileSync(file, scenario.replace("ws://localhost:9000/", `ws://127.0.0.1:${port}/`))
      const line = commands.find((line) => line.includes("--scenario talk.yaml")) ?? ""
      const [, ...words] = wordsOf(line)
      const outputs = new CliRig.Outputs()
      // The threshold is for a machine that does nothing else.
      const own = words.map((word) =>
        word === "talk.yaml" ? file : word === "100" ? "5" : word === "rtt.p99<50ms" ? "rtt.p99<1h" : word
      )
      yield* Effect.provide(Cli.run(["node", "effect-c10k", ...own]), outputs.layer)
      assert.match(outputs.results, /5 conversations|5 of 5|conversations\s+5/i)
    }).pipe(Effect.provide([NodeContext.layer, CliRig.layer]))
  )
})
