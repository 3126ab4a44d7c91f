/** `life record` and `life replay` as processes. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocket } from "ws"
import { gameBlock } from "../../../src/Protocol/Recording.ts"
import { RecordingWriter } from "../../../src/Protocol/RecordingWriter.ts"
import * as NatsServer from "../../Log/NatsServer.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"
import { run } from "../processes.ts"

const temporary = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "c10k-recording-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Three steps of a blinker on 5 x 5. With `wrong`, one cell has another state at step 2. */
const blinker = (wrong = false): Uint8Array => {
  const upright = [7, 12, 17]
  const lying = [11, 12, 13]
  const writer = new RecordingWriter(25, 2)
  const blocks = [gameBlock({ width: 5, height: 5, topology: "B3/S23:T5,5", begun: 0, stateCount: 2 })]
  for (const [step, alive] of [upright, lying, upright].entries()) {
    for (let index = 0; index < 25; index++) {
      const isWrong = wrong && step === 2 && index === 20
      writer.record(index, step, alive.includes(index) || isWrong ? 1 : 0)
    }
    blocks.push(writer.news(step * 100))
  }
  return Buffer.concat(blocks)
}

const written = (name: string, bytes: Uint8Array) =>
  Effect.map(temporary, (folder) => {
    const path = join(folder, name)
    writeFileSync(path, bytes)
    return path
  })

/** The first `count` messages of protocol 0 of a server. */
const watched = (port: number, count: number) =>
  Effect.promise(
    () =>
      new Promise<ReadonlyArray<string>>((resolve, reject) => {
        const messages: Array<string> = []
        const socket = new WebSocket(`ws://127.0.0.1:${port}/watcher/`)
        socket.on("error", reject)
        socket.on("message", (data) => {
          if (messages.push(String(data)) < count) return
          socket.close()
          resolve(messages)
        })
      })
  )

describe("life record", () => {
  it.live("life record ends with a line that says so when the disk is full", () =>
    Effect.gen(function* () {
      const server = yield* ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0", "--history", "1MiB"])
      const url = `ws://127.0.0.1:${yield* Effect.promise(() => server.port())}`
      const game = yield* run(["life", "--url", url, "-s", "5", "-n", "4", "-l", "1000"])
      expect(game).toMatchObject({ status: 0 })
      const { errors, status } = yield* run(["life", "record", "--url", url, "--until-now", "/dev/full"])
      expect(errors).toBe(
        "effect-c10k: life record /dev/full: it cannot be written: the disk is full; make room, or give another path\n"
      )
      expect(status).toBe(1)
    }).pipe(Effect.scoped)
  )

  it.live("life record writes a whole game from its start to its end, and the referee finds every cell correct", () =>
    Effect.gen(function* () {
      const file = join(yield* temporary, "game.c10k")
      const server = yield* ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0", "--history", "64MiB"])
      const at = ["--url", `ws://127.0.0.1:${yield* Effect.promise(() => server.port())}`]
      const recorder = yield* ServerProcess.start(["life", "record", file, ...at])
      const played = yield* run(["life", ...at, "-s", "10", "-n", "30", "--speed", "1000", "--seed", "3", "--quiet"])
      expect(played.status).toBe(0)
      expect(yield* Effect.promise(() => recorder.ended)).toBe(0)
      expect(recorder.output).toBe("")
      expect(recorder.errors).toMatch(/^Recorded .* in .*game\.c10k\n$/)
      expect(yield* run(["life", "replay", file, "--check"])).toMatchObject({
        status: 0,
        output: "Every cell is correct: 31 steps, 0 to 30, of 10 x 10\n"
      })
      // The server keeps the same recording.
      const kept = yield* run(["life", "replay", at[1]!, "--check", "--from", "10", "--to", "20"])
      expect(kept).toMatchObject({ status: 0, output: "Every cell is correct: 11 steps, 10 to 20, of 10 x 10\n" })
      const [again, once] = [
        `${file}.again`,
        yield* run(["life", "record", `${file}.again`, ...at, "--until-now", "-q"])
      ]
      expect(once).toMatchObject({ status: 0, errors: "" })
      expect((yield* run(["life", "replay", again, "--check"])).output).toContain("31 steps")
    }).pipe(Effect.scoped)
  )

  it.live("life record records a game with more than two states, and checks it with its rule", () =>
    Effect.gen(function* () {
      const file = join(yield* temporary, "brain.c10k")
      const server = yield* ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0", "--history", "8MiB"])
      const url = `ws://127.0.0.1:${yield* Effect.promise(() => server.port())}`
      const args = ["-s", "12", "-n", "30", "--speed", "1000", "--seed", "3", "--rule", "Brian's Brain", "--quiet"]
      expect(yield* run(["life", "--url", url, ...args, "--check"])).toMatchObject({ status: 0, errors: "" })
      expect(yield* run(["life", "record", file, "--url", url, "--until-now", "-q"])).toMatchObject({ status: 0 })
      const replay = (...more: ReadonlyArray<string>) => run(["life", "replay", file, ...more])
      expect((yield* replay("--check")).output).toBe("Every cell is correct: 31 steps, 0 to 30, of 12 x 12\n")
      expect((yield* replay("--to", "1", "-o", "-")).output).toMatch(/rule = \/2\/3:T12,12\n[\s\S]*[0-9.]A?B/)
      expect((yield* replay("--check", "--rule", "HighLife")).errors).toContain(
        "have 3 states: give the rule of the game with --rule"
      )
    }).pipe(Effect.scoped)
  )

  it.live("life record records a game with a name, and a node that restarts still has the whole recording", () =>
    Effect.gen(function* () {
      const file = join(yield* temporary, "game.c10k")
      const nats = yield* NatsServer.scoped()
      const serve = ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0", "--nats", nats.url])
      const server = yield* serve
      const urlOf = (port: number) => `ws://127.0.0.1:${port}/games/demo/`
      const url = urlOf(yield* Effect.promise(() => server.port()))
      const args = ["-s", "8", "-n", "20", "--speed", "1000", "--seed", "3", "--quiet"]
      expect(yield* run(["life", "--url", url, ...args])).toMatchObject({ status: 0, errors: "" })
      server.child.kill("SIGKILL")
      const again = urlOf(yield* Effect.flatMap(serve, (server) => Effect.promise(() => server.port())))
      expect(yield* run(["life", "record", file, "--url", again, "-q"])).toMatchObject({ status: 0, errors: "" })
      const { output } = yield* run(["life", "replay", file, "--check"])
      expect(output).toBe("Every cell is correct: 21 steps, 0 to 20, of 8 x 8\n")
    }).pipe(Effect.scoped)
  )

  it.live("life record says that the server needs --history, and does not change the file", () =>
    Effect.gen(function* () {
      const file = yield* written("old.c10k", Buffer.from("what was there"))
      const server = yield* ServerProcess.start(["serve", "--host", "127.0.0.1", "--port", "0"])
      const url = `ws://127.0.0.1:${yield* Effect.promise(() => server.port())}`
      const { errors, status } = yield* run(["life", "record", file, "--url", url])
      expect(status).toBe(1)
      expect(errors).toBe(
        `effect-c10k: ${url} keeps no recordings: start the server with --history, such as --history 64MiB\n`
      )
      expect(readFileSync(file, "utf8")).toBe("what was there")
    }).pipe(Effect.scoped)
  )
})

describe("life replay", () => {
  it.live("life replay finds the cell that is wrong", () =>
    Effect.gen(function* () {
      const { errors, status } = yield* run(["life", "replay", yield* written("wrong.c10k", blinker(true)), "--check"])
      expect(status).toBe(1)
      expect(errors).toBe("effect-c10k: Cell at row 4, column 0, step 2: expected 0 (dead), seen 1 (alive)\n")
    }).pipe(Effect.scoped)
  )

  it.live("life replay writes a step as a pattern", () =>
    Effect.gen(function* () {
      const file = yield* written("blinker.c10k", blinker())
      expect((yield* run(["life", "replay", file, "--to", "1", "-o", "-"])).output).toBe(
        "#CXRLE Pos=-2,-2 Gen=1\nx = 5, y = 5, rule = B3/S23:T5,5\n2$b3o2$5b!\n"
      )
      const beyond = yield* run(["life", "replay", file, "--to", "7", "-o", "-"])
      expect(beyond).toMatchObject({ status: 1, output: "" })
      expect(beyond.errors).toContain("--to 7: the last complete step of")
    }).pipe(Effect.scoped)
  )

  it.live("life replay plays it on its own server", () =>
    Effect.gen(function* () {
      const file = yield* written("blinker.c10k", blinker())
      const replay = yield* ServerProcess.start(["life", "replay", file, "--port", "0", "--speed", "0.5"])
      const found = yield* Effect.promise(() => replay.printed(/Watch it at http:\/\/localhost:(\d+)\//))
      // The first step was published before a watcher could connect. A step takes two seconds.
      const messages = yield* watched(Number(found[1]), 50)
      expect(messages).toContain("1 2 1 1")
      expect(messages).toContain("2 2 1 0")
      yield* Effect.promise(() => replay.printed(/The recording has ended/))
    }).pipe(Effect.scoped)
  )

  it.live("life replay says in one line what is wrong with a file", () =>
    Effect.gen(function* () {
      const page = yield* written("page.html", Buffer.from("<html>"))
      expect((yield* run(["life", "replay", page])).errors).toMatch(
        /^effect-c10k: .*page\.html is not a readable recording: it does not begin like a recording; .*\n$/
      )
      const cut = yield* written("cut.c10k", blinker().subarray(0, -5))
      const checked = yield* run(["life", "replay", cut, "--check"])
      expect(checked.errors).toMatch(/is incomplete: its last \d+ bytes are ignored\n$/)
      expect(checked.output).toBe("Every cell is correct: 2 steps, 0 to 1, of 5 x 5\n")
      const missing = yield* run(["life", "replay", join(page, "nowhere")])
      expect(missing.status).toBe(1)
      expect(missing.errors).toContain("cannot be read")
    }).pipe(Effect.scoped)
  )
})
