/**
 * A nats-server of this program's own: on the loopback address, with a random port and token, and with its storage in a
 * temporary folder. A shell keeps it running, and ends it when this process ends for any reason, because the shell's
 * standard input closes then.
 */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { once } from "node:events"
import { mkdtemp, readFile, writeFile } from "node:fs/promises"
import { type AddressInfo, connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"

/** The nats-server can't be started: it is not installed, or it does not answer. */
class PrivateNatsError extends Schema.TaggedError<PrivateNatsError>()("PrivateNatsError", {
  detail: Schema.String
}) {
  override get message(): string {
    return this.detail
  }
}

const MISSING =
  "nats-server is not installed: several processes share their games through one. Install it (Debian: apt-get install nats-server; macOS: brew install nats-server; others: https://nats.io/download), or name a server that runs with --nats"

/** A shell script that restarts the server until standard input closes, then ends it and removes the folder. */
const KEEPER = `
trap '' HUP INT TERM
( while [ -d "$1" ] && [ ! -e "$1/ended" ]; do
    nats-server --config "$1/nats.conf" >> "$1/nats.log" 2>&1 &
    echo $! > "$1/pid"
    wait $!
    sleep 0.1
  done ) < /dev/null 2> /dev/null &
cat > /dev/null
touch "$1/ended" 2> /dev/null
tries=0
while kill -0 $! 2> /dev/null && [ $tries -lt 40 ]; do
  kill -KILL "$(cat "$1/pid")"
  sleep 0.05
  tries=$((tries + 1))
done 2> /dev/null
rm -rf "$1"
# If somebody removed the folder, the pid is unknown, so the whole process group is killed.
kill -KILL 0
`

const configurationOf = (folder: string, port: number, token: string): string => `
server_name: effect-c10k
listen: "127.0.0.1:${port}"
authorization { token: "${token}" }
jetstream { store_dir: "${join(folder, "store")}" }
`

const isInstalled = Effect.async<boolean>((resume) => {
  const child = spawn("nats-server", ["--version"], { stdio: "ignore" })
  child.once("error", () => resume(Effect.succeed(false)))
  child.once("exit", (status) => resume(Effect.succeed(status === 0)))
})

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}

/** Waits for the greeting that a nats-server sends to each client. */
const greets = (port: number) =>
  Effect.async<void, "silent">((resume) => {
    const socket = connect(port, "127.0.0.1")
    const end = (answer: Effect.Effect<void, "silent">) => {
      socket.destroy()
      resume(answer)
    }
    socket.once("data", () => end(Effect.void)).once("error", () => end(Effect.fail("silent")))
    return Effect.sync(() => socket.destroy())
  })

/**
 * Starts a nats-server, which ends with the scope. Fails if it is not installed or does not answer within 10 s. The url has the
 * token in it; the folder has the server's settings, log, storage and pid (`pid`).
 */
export const make = Effect.fn("PrivateNats.make")(function* () {
  if (!(yield* isInstalled)) return yield* new PrivateNatsError({ detail: MISSING })
  const { folder, port, token } = yield* Effect.promise(async () => {
    const folder = await mkdtemp(join(tmpdir(), "effect-c10k-nats-"))
    const port = await freePort()
    const token = randomBytes(24).toString("hex")
    await writeFile(join(folder, "nats.conf"), configurationOf(folder, port, token), { mode: 0o600 })
    return { folder, port, token }
  })
  const child = yield* Effect.acquireRelease(
    // In a process group of its own, so that Ctrl-C in a terminal does not end the server before the programs that use
    // it.
    Effect.sync(() =>
      spawn("/bin/sh", ["-c", KEEPER, "keeper", folder], { detached: true, stdio: ["pipe", "ignore", "ignore"] })
    ),
    (child) =>
      Effect.async<void>((resume) => {
        if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return resume(Effect.void)
        child.once("exit", () => resume(Effect.void))
        child.stdin.end()
      })
  )
  // A missing or killed shell must not end this process. The server then does not answer.
  child.on("error", () => {})
  child.stdin.on("error", () => {})
  child.unref()
  yield* greets(port).pipe(
    Effect.retry(Schedule.spaced("20 millis")),
    Effect.timeoutFail({ duration: "10 seconds", onTimeout: () => "silent" as const }),
    Effect.catchAll(() =>
      Effect.flatMap(
        Effect.promise(() => readFile(join(folder, "nats.log"), "utf8").catch(() => "")),
        (log) =>
          new PrivateNatsError({
            detail: `nats-server was started and does not answer: ${log.trimEnd().split("\n").at(-1) || "its log is empty"}`
          })
      )
    )
  )
  return { url: `nats://${token}@127.0.0.1:${port}`, folder }
})
