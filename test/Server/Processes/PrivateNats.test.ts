import { existsSync, readFileSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import * as NatsConnection from "../../../src/Log/NatsConnection.ts"
import * as PrivateNats from "../../../src/Server/Processes/PrivateNats.ts"
import { need } from "../../need.ts"

const infoOf = (port: number): Promise<{ readonly auth_required?: boolean }> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("data", (data) => {
      socket.destroy()
      resolve(JSON.parse(String(data).replace(/^INFO /, "")))
    })
    socket.once("error", reject)
  })

const connected = (url: string) => {
  const { hostname, port, username } = new URL(url)
  return NatsConnection.make({ servers: [`${hostname}:${port}`], token: username, name: "test" })
}

it.live("starts a server of its own with JetStream and a token, restarts it when it dies, and leaves nothing", () =>
  Effect.gen(function* () {
    need("nats-server")
    const scope = yield* Scope.make()
    const { folder, url } = yield* Scope.extend(PrivateNats.make(), scope)
    const port = Number(new URL(url).port)
    expect(yield* Effect.promise(() => infoOf(port))).toMatchObject({ auth_required: true, jetstream: true })

    const { connection, manager } = yield* connected(url)
    yield* Effect.promise(() => manager.streams.add({ name: "kept", subjects: ["kept"] }))
    const reconnected = Effect.promise(async () => {
      for await (const { type } of connection.status()) if (type === "reconnect") return
    })
    const waiting = yield* Effect.fork(reconnected)
    yield* Effect.yieldNow()
    process.kill(Number(readFileSync(join(folder, "pid"), "utf8")), "SIGKILL")
    yield* Fiber.join(waiting)
    // JetStream is ready a moment later than the server.
    const names = Effect.tryPromise(() => manager.streams.names().next())
    expect(yield* Effect.retry(names, Schedule.spaced("50 millis"))).toEqual(["kept"])

    yield* Scope.close(scope, Exit.void)
    expect(yield* Effect.either(Effect.tryPromise(() => infoOf(port)))).toMatchObject({ _tag: "Left" })
    expect(existsSync(folder)).toBe(false)
  }).pipe(Effect.scoped)
)

it.live("refuses a client without the token", () =>
  Effect.gen(function* () {
    need("nats-server")
    const { url } = yield* PrivateNats.make()
    const error = yield* Effect.flip(NatsConnection.make({ servers: [new URL(url).host], name: "test" }))
    expect(error).toMatchObject({ _tag: "LogError", reason: "Refused" })
  }).pipe(Effect.scoped)
)
