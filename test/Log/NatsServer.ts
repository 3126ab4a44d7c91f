/** A real nats-server with JetStream, on a free port and in a folder of its own. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { cpSync, mkdtempSync, rmSync } from "node:fs"
import { connect } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { isMissing } from "../../scripts/Debian.ts"
import { freePort } from "../freePort.ts"
import { need } from "../need.ts"

export interface NatsServerOptions {
  readonly jetstream?: boolean
  readonly args?: ReadonlyArray<string>
  /** An existing folder, which is not removed. */
  readonly folder?: string
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.once("data", () => {
      socket.destroy()
      resolve(true)
    })
    socket.once("error", () => resolve(false))
  })

class NatsServer {
  readonly port: number
  readonly url: string
  readonly folder: string
  #child: ChildProcess | undefined
  readonly #args: ReadonlyArray<string>

  constructor(port: number, folder: string, args: ReadonlyArray<string>) {
    this.port = port
    this.url = `nats://127.0.0.1:${port}`
    this.folder = folder
    this.#args = args
  }

  async start(): Promise<void> {
    if (isMissing("nats-server")) return need("nats-server")
    const child = spawn("nats-server", ["-a", "127.0.0.1", "-p", String(this.port), ...this.#args], { stdio: "ignore" })
    this.#child = child
    while (!(await answers(this.port))) {
      if (child.exitCode !== null) throw new Error(`nats-server ended with ${child.exitCode}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal)
  }

  /** Its files can't grow, which looks like a full disk. */
  fillDisk(): void {
    this.#limitFiles("1")
  }

  freeDisk(): void {
    this.#limitFiles("unlimited")
  }

  #limitFiles(bytes: string): void {
    execFileSync("prlimit", ["--pid", String(this.pid), `--fsize=${bytes}:unlimited`])
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const child = this.#child
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = new Promise((resolve) => child.once("exit", resolve))
    child.kill(signal)
    await ended
  }

  /** Copies a stream, only while it does not run. The result puts the copy in place of the stream, again only then. */
  async copyOf(stream: string): Promise<() => Promise<void>> {
    const folder = join(this.folder, "jetstream", "$G", "streams", stream)
    const copy = mkdtempSync(join(tmpdir(), "c10k-stream-"))
    cpSync(folder, copy, { recursive: true })
    return async () => {
      rmSync(folder, { recursive: true })
      cpSync(copy, folder, { recursive: true })
      rmSync(copy, { recursive: true })
    }
  }

  /** Deletes all its data. Only while it does not run. */
  wipe(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export const scoped = ({ args = [], folder, jetstream = true }: NatsServerOptions = {}) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const store = folder ?? mkdtempSync(join(tmpdir(), "c10k-nats-"))
      const server = new NatsServer(await freePort("127.0.0.1"), store, [
        ...(jetstream ? ["-js", "-sd", store] : []),
        ...args
      ])
      await server.start()
      return server
    }),
    (server) =>
      Effect.promise(async () => {
        await server.kill()
        if (folder === undefined) server.wipe()
      })
  )
