/** The server is killed with SIGKILL and started again. All three kinds of clients continue. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { fileURLToPath } from "node:url"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as RpcClient from "@effect/rpc/RpcClient"
import * as RpcSerialization from "@effect/rpc/RpcSerialization"
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schedule from "effect/Schedule"
import { build } from "esbuild"
import { bundled } from "../../../scripts/bundled.ts"
import * as NodeConnector from "../../../src/WebSocket/Api/NodeConnector.ts"
import { eventually } from "../../eventually.ts"
import { freePort } from "../../freePort.ts"
import { chromium, open } from "../../Page/Browser.ts"
import { reactorLayer } from "../Rig.ts"
import { ask } from "./askingPids.ts"
import { Rpcs } from "./KillableRpcs.ts"

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** Waits until the server listens. */
const started = async (port: number): Promise<ChildProcess> => {
  const server = spawn(process.execPath, [bundled("test/WebSocket/Client/killableServer.ts"), String(port)], {
    stdio: ["ignore", "ignore", "inherit"]
  })
  while ((await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined))?.status !== 200) {
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return server
}

/** Waits until all clients have the pid of this process. */
const heard = (pid: number | undefined, ...heardBy: ReadonlyArray<() => Promise<string> | string>) =>
  Effect.promise(async () => {
    for (const last of heardBy) await eventually(async () => assert.strictEqual(await last(), String(pid)))
  })

it.scopedLive(
  "a SIGKILL of the server is survived by this package's client, by Effect's on Node, and by a browser's",
  () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      let server = yield* Effect.promise(() => started(port))
      yield* Effect.addFinalizer(() => Effect.sync(() => server.kill("SIGKILL")))

      let own = ""
      yield* ask(new URL(`ws://127.0.0.1:${port}/pid`), (pid) => {
        own = pid
      }).pipe(Effect.provide(NodeConnector.layer()), Effect.provide(reactorLayer()), Effect.forkScoped)

      let effects = ""
      yield* Effect.gen(function* () {
        const rpc = yield* RpcClient.make(Rpcs)
        const asked = Effect.map(rpc.Pid(), (pid) => {
          effects = String(pid)
        })
        yield* Effect.repeat(Effect.ignore(asked), Schedule.spaced(20))
      }).pipe(
        Effect.scoped,
        Effect.provide(
          RpcClient.layerProtocolSocket({ retrySchedule: Schedule.spaced(50) }).pipe(
            Layer.provide(NodeSocket.layerWebSocket(`ws://127.0.0.1:${port}/rpc`)),
            Layer.provide(RpcSerialization.layerNdjson)
          )
        ),
        Effect.forkScoped
      )

      const bundle = yield* Effect.promise(() =>
        build({ entryPoints: [here("browserClient.ts")], bundle: true, format: "iife", write: false })
      )
      const browser = yield* chromium
      const { page } = yield* Effect.promise(() => open(browser, `http://127.0.0.1:${port}/`))
      yield* Effect.promise(() => page.addScriptTag({ content: bundle.outputFiles[0]!.text }))

      const clients = [() => own, () => effects, () => page.title()]
      yield* heard(server.pid, ...clients)
      const gone = once(server, "exit")
      server.kill("SIGKILL")
      yield* Effect.promise(() => gone)
      server = yield* Effect.promise(() => started(port))
      yield* heard(server.pid, ...clients)
    })
)
