/** `serve --nats`: its messages when NATS can't keep the games. */
import { mkdtempSync, writeFileSync } from "node:fs"
import { rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { jetstreamManager } from "@nats-io/jetstream"
import { connect } from "@nats-io/transport-node"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ServeLogs from "../../../src/Cli/Serve/ServeLogs.ts"
import { Logs } from "../../../src/Log/Log.ts"
import { freePort } from "../../freePort.ts"
import { codec } from "../../Log/conformance.ts"
import * as NatsServer from "../../Log/NatsServer.ts"
import { run } from "../processes.ts"

const none: ServeLogs.LogOptions = {
  nats: Option.none(),
  natsCreds: Option.none(),
  natsKeep: Option.none(),
  natsPrefix: Option.none(),
  natsReplicas: Option.none(),
  node: Option.none(),
  processes: 1
}

/** The error of opening a log. `at` gives the URL of a server. */
const said = (options: Partial<ServeLogs.LogOptions>) =>
  ServeLogs.layerOf({ ...none, ...options }).pipe(
    Effect.flatMap((layer) =>
      Effect.provide(
        Effect.flatMap(Logs, (logs) => Effect.scoped(logs.open("default", unread))),
        layer
      )
    ),
    Effect.flip,
    Effect.map(({ message }) => message),
    Effect.provide(NodeFileSystem.layer)
  )

const unread = { codec, reader: { entry: () => {} } }

const at = (nats: string) => ({ nats: Option.some(nats) })

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "c10k-creds-"))),
  (folder) => Effect.promise(() => rm(folder, { recursive: true }))
)

describe("serve --nats", () => {
  for (const [what, options, line] of [
    ["what is no URL", at("localhost:4222"), /^--nats localhost:4222: expected a URL such as nats:/],
    ["a URL of something else", at("http://localhost"), /^--nats http:\/\/localhost: expected a URL such as nats:/],
    ["a list with a hole", at("nats://a:1,,nats://b:1"), /^--nats : expected a URL/],
    ["a user in the URL, untold", at("nats://me:secret@a:1"), /^--nats nats:\/\/a:1: .*--nats-creds/],
    ["no file", { ...at("nats://a:1"), natsCreds: Option.some("/none") }, /^--nats-creds \/none: it cannot be read/],
    ["credentials without a server", { natsCreds: Option.some("/none") }, /^--nats-creds needs --nats/],
    ["a size without a server", { natsKeep: Option.some(1 << 26) }, /^--nats-keep needs --nats/],
    ["replicas without a server", { natsReplicas: Option.some(3) }, /^--nats-replicas needs --nats/],
    [
      "a prefix that is no name",
      { ...at("nats://a:1"), natsPrefix: Option.some("a.b") },
      /^--nats-prefix a\.b: expected 1/
    ]
  ] as const)
    it.effect(`serve --nats refuses ${what}`, () => Effect.map(said(options), (message) => assert.match(message, line)))

  it.effect("serve --nats keeps games in memory by default", () =>
    Effect.gen(function* () {
      const layer = yield* ServeLogs.layerOf(none)
      assert.isFalse((yield* Effect.provide(Logs, layer)).isShared)
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.effect("serve --nats takes the size of logs for several processes, whose NATS server is their own", () =>
    Effect.gen(function* () {
      const options = { ...none, natsKeep: Option.some(1 << 26) }
      for (const processes of [2, "auto"] as const) yield* ServeLogs.layerOf({ ...options, processes })
    }).pipe(Effect.provide(NodeFileSystem.layer))
  )

  it.scopedLive("serve --nats says that no server answers at the URL", () =>
    Effect.gen(function* () {
      const port = yield* Effect.promise(() => freePort("127.0.0.1"))
      const url = `nats://127.0.0.1:${port}`
      const { errors, output, status } = yield* run(["serve", "--port", "0", "--nats", url])
      assert.match(
        errors,
        new RegExp(`^effect-c10k: NATS at ${url} does not answer [^\\n]*: expected a running [^\\n]*\\n$`)
      )
      assert.strictEqual(status, 1)
      assert.notInclude(output, "Listening")
    })
  )

  it.scopedLive("serve --nats says that the server has no JetStream", () =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.scoped({ jetstream: false })
      assert.match(yield* said(at(url)), /keeps no logs: start it with JetStream/)
    })
  )

  it.scopedLive("serve --nats says that the server refuses the credentials, without showing them", () =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.scoped({ args: ["--auth", "right"] })
      assert.match(yield* said(at(url)), /refuses these credentials .*: see --nats-creds/)
      const file = join(yield* folder, "creds")
      writeFileSync(file, "this is no credentials file: secret\n")
      const message = yield* said({ ...at(url), natsCreds: Option.some(file) })
      assert.match(message, /^--nats-creds .*: expected a user's credentials/)
      assert.notInclude(message, "secret")
    })
  )

  it.scopedLive("serve --nats leaves a stream of another version alone", () =>
    Effect.gen(function* () {
      const { url } = yield* NatsServer.scoped()
      yield* Effect.promise(async () => {
        const connection = await connect({ servers: url })
        const manager = await jetstreamManager(connection)
        await manager.streams.add({ name: "c10k_log_default", subjects: ["c10k.log.default"] })
        await connection.close()
      })
      assert.match(yield* said(at(url)), /c10k_log_default is of another program, expected version 2: .*--nats-prefix/)
    })
  )
})
