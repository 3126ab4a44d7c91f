/** `serve --processes` as a process. */
import { execFileSync } from "node:child_process"
import { once } from "node:events"
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import { type AddressInfo, createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { freePort } from "../../freePort.ts"
import { need } from "../../need.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"
import { run } from "../processes.ts"

/** A temporary folder for a command, which shows what the command leaves behind. */
const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "c10k-processes-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** The files that the program left there, without those of tsx, which runs it in tests. */
const leftIn = (folder: string): ReadonlyArray<string> => readdirSync(folder).filter((name) => !name.startsWith("tsx-"))

/** The running processes with this word in their environment. */
const processesWith = (word: string): ReadonlyArray<number> =>
  execFileSync("sh", ["-c", `grep -lz -- '${word}' /proc/[0-9]*/environ 2>/dev/null || true`], { encoding: "utf8" })
    .split("\n")
    .filter((path) => path !== "")
    .map((path) => Number(path.split("/")[2]))

const metrics = (port: number) =>
  Effect.promise(async () =>
    (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: "close" } })).text()
  )

const numbersIn = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/^process_start_time_seconds\{process="(\d+)"\}/gm)].map(([, number]) => number ?? "")

/** Waits until all processes accept clients. */
const whole = (port: number, count: number) =>
  Effect.repeat(Effect.map(metrics(port), numbersIn), { until: (numbers) => numbers.length === count })

const served = (count: number, args: ReadonlyArray<string> = []) =>
  Effect.gen(function* () {
    need("nats-server")
    const folder = yield* temporary
    const server = yield* ServerProcess.start(
      ["serve", "--host", "127.0.0.1", "--port", "0", "--processes", String(count), ...args],
      { env: { TMPDIR: folder } }
    )
    const port = yield* Effect.promise(() => server.port())
    yield* whole(port, count)
    return { server, port, folder }
  })

/** The first of so many ports in a row on which nothing listens. */
const freePorts = async (count: number): Promise<number> => {
  for (;;) {
    const first = await freePort("127.0.0.1")
    const servers = Array.from({ length: count }, (_, at) => createServer().listen(first + at, "127.0.0.1"))
    const listen = await Promise.allSettled(servers.map((server) => once(server, "listening")))
    for (const server of servers) server.close()
    if (listen.every(({ status }) => status === "fulfilled")) return first
  }
}

describe("serve --processes", () => {
  it.live(
    "serve --processes plays one game in several processes, replaces one that dies, and every cell is correct",
    () =>
      Effect.gen(function* () {
        const own = yield* Effect.promise(() => freePorts(3))
        const { folder, port, server } = yield* served(3, ["--advertise", `ws://127.0.0.1:${own}`])
        // Each process has a port of its own beside the one that all share.
        const listed = Effect.promise(async () => {
          const response = await fetch(`http://127.0.0.1:${own + 1}/nodes.json`, { headers: { connection: "close" } })
          return ((await response.json()) as { nodes: ReadonlyArray<{ url: string }> }).nodes.map(({ url }) => url)
        })
        const urls = yield* Effect.repeat(listed, { until: (urls) => urls.length === 3 })
        expect(urls.toSorted()).toEqual([0, 1, 2].map((number) => `ws://127.0.0.1:${own + number}/`))
        const life = yield* ServerProcess.start(
          [
            "life",
            "--url",
            `ws://127.0.0.1:${port}`,
            "-s",
            "12",
            "-n",
            "60",
            "--speed",
            "20",
            "--processes",
            "2",
            "--check",
            "--json",
            "-"
          ],
          {}
        )
        const killed = yield* Effect.promise(async () => {
          await life.printed(/"step":\d\d/)
          const [process] = processesWith(`EFFECT_C10K_PROCESS={"number":2`).filter((pid) => existsSync(`/proc/${pid}`))
          return process
        })
        expect(killed).toBeDefined()
        // Each process sees the game; one of them reports it.
        expect(server.output.match(/^Telling workers to run$/gm)).toEqual(["Telling workers to run"])
        if (killed !== undefined) process.kill(killed, "SIGKILL")
        expect(yield* Effect.promise(() => life.ended)).toBe(0)
        yield* Effect.promise(() => server.printed(/process 2 ended \(SIGKILL\); another takes its place/))
        expect(numbersIn(yield* whole(port, 3).pipe(Effect.zipRight(metrics(port))))).toEqual(["1", "2", "3"])
        server.child.kill("SIGTERM")
        expect(yield* Effect.promise(() => server.ended)).toBe(0)
        expect(leftIn(folder)).toEqual([])
      }).pipe(Effect.scoped)
  )

  it.live("serve --processes leaves no process and no folder when it is killed", () =>
    Effect.gen(function* () {
      const { folder, server } = yield* served(2)
      expect(processesWith(`TMPDIR=${folder}`).length).toBeGreaterThanOrEqual(5)
      server.child.kill("SIGKILL")
      yield* Effect.repeat(
        Effect.sync(() => processesWith(`TMPDIR=${folder}`).length + leftIn(folder).length),
        { until: (left) => left === 0, schedule: Schedule.spaced("50 millis") }
      )
    }).pipe(Effect.scoped)
  )

  /** The process with this number. */
  const member = (folder: string, number: number) =>
    processesWith(`EFFECT_C10K_PROCESS={"number":${number}`).find((pid) =>
      processesWith(`TMPDIR=${folder}`).includes(pid)
    )

  it.live("serve --processes ends the other processes while one hangs, and this one when it can end", () =>
    Effect.gen(function* () {
      const { folder, server } = yield* served(2, ["--drain", "100ms"])
      const frozen = member(folder, 1)
      assert(frozen !== undefined)
      process.kill(frozen, "SIGSTOP")
      server.child.kill("SIGTERM")
      yield* Effect.repeat(
        Effect.sync(() => member(folder, 2)),
        { until: (pid) => pid === undefined, schedule: Schedule.spaced("50 millis") }
      )
      expect(member(folder, 1)).toBe(frozen)
      process.kill(frozen, "SIGCONT")
      expect(yield* Effect.promise(() => server.ended)).toBe(0)
      expect(server.errors).not.toMatch(/killed/)
      expect(leftIn(folder)).toEqual([])
    }).pipe(Effect.scoped)
  )

  it.live("serve --processes ends at once after a second Ctrl-C, even if a process hangs", () =>
    Effect.gen(function* () {
      const { folder, server } = yield* served(2)
      const frozen = member(folder, 1)
      assert(frozen !== undefined)
      process.kill(frozen, "SIGSTOP")
      server.child.kill("SIGINT")
      // Signals within a quarter of a second count as echoes of the first one.
      const again = Effect.schedule(
        Effect.sync(() => server.child.kill("SIGINT")),
        Schedule.spaced("300 millis")
      )
      expect(
        yield* Effect.raceFirst(
          Effect.promise(() => server.ended),
          Effect.zipRight(again, Effect.never)
        )
      ).toBe(130)
      yield* Effect.repeat(
        Effect.sync(() => processesWith(`TMPDIR=${folder}`).length + leftIn(folder).length),
        { until: (left) => left === 0, schedule: Schedule.spaced("50 millis") }
      )
    }).pipe(Effect.scoped)
  )

  it.live("serve --processes says once that the port is in use", () =>
    Effect.gen(function* () {
      need("nats-server")
      const other = createServer().listen(0, "127.0.0.1")
      yield* Effect.promise(() => once(other, "listening"))
      const { port } = other.address() as AddressInfo
      const { errors, status } = yield* run([
        "serve",
        "--host",
        "127.0.0.1",
        "--port",
        String(port),
        "--processes",
        "2"
      ])
      other.close()
      expect(status).toBe(1)
      expect(errors).toBe(
        `effect-c10k: port ${port} is in use on 127.0.0.1: end the other program, or choose another port\n`
      )
    })
  )

  it.live("serve --processes says how to get nats-server if it is missing", () =>
    Effect.gen(function* () {
      const bin = yield* temporary
      symlinkSync("/bin/sh", join(bin, "sh"))
      const { errors, status } = yield* run(["serve", "--port", "0", "--processes", "2"], { env: { PATH: bin } })
      expect(status).toBe(1)
      expect(errors).toMatch(/^effect-c10k: nats-server is not installed.*apt-get install nats-server.*--nats\n$/)
    }).pipe(Effect.scoped)
  )

  it.live("serve --processes refuses a wrong number of processes, and ports that they can't have", () =>
    Effect.gen(function* () {
      const advertised = yield* run(["serve", "--port", "9001", "--processes", "3", "--advertise", "ws://a:9000"])
      expect(advertised.status).toBe(1)
      expect(advertised.errors).toBe(
        "effect-c10k: --advertise ws://a:9000/: expected a URL with the first of 3 free ports, one for each process, such as ws://HOST:9001\n"
      )
      const { errors, status } = yield* run(["serve", "--processes", "many"])
      expect(status).toBe(1)
      expect(errors).toContain("--processes many: expected a whole number from 1 to 1024, or auto")
    })
  )
})
