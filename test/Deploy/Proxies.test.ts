/** The configurations of proxies in `deploy/`, with the programs themselves in front of a server. */
import { spawn } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocket } from "ws"
import type { services } from "../../scripts/Debian.ts"
import { eventually } from "../eventually.ts"
import { freePort } from "../freePort.ts"
import { skipWithout } from "../need.ts"
import * as ServerRig from "../Server/ServerRig.ts"
import * as DebianProgram from "./DebianProgram.ts"

interface Proxy {
  readonly program: keyof typeof services
  readonly config: string
  readonly args: (config: string, folder: string) => ReadonlyArray<string>
  /** Changes the configuration for a test: three nodes become one on this machine, and the port a free one. */
  readonly adapt: (text: string) => string
  readonly refusal: number
}

const proxies: ReadonlyArray<Proxy> = [
  {
    program: "nginx",
    config: "nginx.conf",
    args: (config, folder) => ["-c", config, "-p", folder, "-g", "daemon off; pid nginx.pid; error_log stderr;"],
    adapt: (text) =>
      text
        .replace(/worker_processes auto;\nworker_rlimit_nofile \d+;/, "worker_processes 1;")
        .replace("worker_connections 65536", "worker_connections 512")
        .replace(
          /http \{/,
          "http {\n  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;"
        ),
    refusal: 403
  },
  {
    program: "haproxy",
    config: "haproxy.cfg",
    args: (config) => ["-db", "-f", config],
    adapt: (text) => text.replace("maxconn 200000", "maxconn 200"),
    refusal: 403
  },
  {
    program: "caddy",
    config: "Caddyfile",
    args: (config) => ["run", "--adapter", "caddyfile", "--config", config],
    adapt: (text) => text,
    refusal: 403
  }
]

const start = ({ adapt, args, config, program }: Proxy, path: string, server: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const folder = mkdtempSync(join(tmpdir(), `effect-c10k-${program}-`))
      const port = await freePort("127.0.0.1")
      const text = adapt(readFileSync(new URL(`../../deploy/${config}`, import.meta.url), "utf8"))
      const own = text
        .replace(/node[23]:8000/g, "")
        .replace(/^.*server( node[23])? +(max_fails.*)?;?$/gm, "")
        .replaceAll("node1:8000", `127.0.0.1:${server}`)
        .replaceAll("8080", String(port))
      const file = join(folder, config)
      writeFileSync(file, own)
      const child = spawn(path, args(file, folder), { env: { PATH: process.env["PATH"], HOME: folder } })
      let output = ""
      child.stderr.on("data", (data) => {
        output += String(data)
      })
      return { child, folder, port, output: () => output }
    }),
    ({ child, folder }) =>
      Effect.promise(async () => {
        const ended = new Promise((resolve) => child.once("exit", resolve))
        // A SIGKILL would leave the worker of nginx running.
        if (child.exitCode === null && child.kill("SIGTERM")) await ended
        rmSync(folder, { recursive: true, force: true })
      })
  )

/** The original's conversation with `/test/ws/`, through the proxy. */
const converse = (url: string, host: string) =>
  new Promise<ReadonlyArray<string>>((resolve, reject) => {
    const heard: Array<string> = []
    const socket = new WebSocket(url, { headers: { host }, perMessageDeflate: false })
    socket.on("message", (message) => {
      heard.push(String(message))
      if (heard.length <= 3) socket.send(`message ${heard.length}`)
    })
    socket.on("close", () => resolve(heard))
    socket.on("error", reject)
  })

describe("a proxy in front of the server", () => {
  it.scopedLive.each(proxies)("$program passes pages and WebSockets on, and keeps the metrics to itself", (proxy) =>
    Effect.gen(function* () {
      const path = DebianProgram.find(proxy.program)
      if (path === undefined) return skipWithout(proxy.program)
      const server = yield* ServerRig.serve({
        allowedHosts: ["life.example"],
        trustedProxies: ["127.0.0.1"],
        maxPerAddress: 1
      })
      const { output, port } = yield* start(proxy, path, server)
      const at = `127.0.0.1:${port}`
      yield* Effect.promise(() =>
        eventually(async () => {
          const response = await fetch(`http://${at}/readyz`).catch(() => undefined)
          assert.strictEqual(response?.status, 200, output())
        })
      )
      const page = yield* Effect.promise(() => fetch(`http://${at}/`))
      assert.strictEqual(page.status, 200)
      assert.include(yield* Effect.promise(() => page.text()), "<title>")
      const heard = yield* Effect.promise(() => converse(`ws://${at}/test/ws/`, "life.example"))
      assert.deepStrictEqual(heard, ["Hello!", "1. message 1", "2. message 2", "3. message 3", "Goodbye!"])
      const metrics = yield* Effect.promise(() => fetch(`http://${at}/metrics`))
      assert.strictEqual(metrics.status, proxy.refusal)
    })
  )
})
