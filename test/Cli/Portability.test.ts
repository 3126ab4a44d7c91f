/** The command line on a system that lacks what only Linux has. `likeWindows.mjs` takes it from Node; Windows itself is tried by a workflow. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { program } from "../program.ts"

const stubs = fileURLToPath(new URL("likeWindows.mjs", import.meta.url))

const start = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): ChildProcess =>
  spawn(process.execPath, ["--import", stubs, ...program(), ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"]
  })

const run = async (...args: ReadonlyArray<string>) => {
  const child = start(args)
  const [out, error, [status]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, "exit")])
  return { out, error, status }
}

describe("without what only Linux has", () => {
  it("demo plays a game, and every state is right", async () => {
    const { error, out, status } = await run(
      ...["demo", "--port", "0", "-p", "glider", "-s", "12", "-n", "48", "-l", "1000", "--check"]
    )
    assert.strictEqual(status, 0, error)
    assert.match(out, /^step 48; 5 of 144 cells are alive.*all cells right$/m)
    assert.match(error, /^Watch it at http:\/\/localhost:\d+\//)
  })

  it("doctor says which figures this system does not report", async () => {
    const { error, out, status } = await run("doctor", "-c", "100")
    assert.strictEqual(status, 0, error)
    assert.match(out, /open files of a process +unknown\n +win32 does not report it/)
    assert.match(out, /available memory +unknown/)
  })

  it("serve says in one line that systemd was not notified, and serves", async () => {
    const server = start(["serve", "--port", "0", "--host", "127.0.0.1"], { NOTIFY_SOCKET: "/run/notify" })
    const ended = once(server, "exit")
    let error = ""
    const warned = new Promise<void>((resolve) =>
      server.stderr!.on("data", (data) => {
        error += String(data)
        if (error.includes("\n")) resolve()
      })
    )
    const [line] = await once(server.stdout!, "data")
    const address = /http:\S+/.exec(String(line))?.[0] ?? assert.fail(String(line))
    assert.strictEqual((await fetch(`${address}healthz`)).status, 200)
    await warned
    server.kill("SIGTERM")
    await ended
    assert.match(
      error.split("\n")[0] ?? "",
      /^\S+ WARN systemd was not notified: the program systemd-notify is missing$/
    )
    assert.notMatch(error, /^ +at /m)
  })
})
