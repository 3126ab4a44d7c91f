/** `demo` as a process, controlled through the control channel like its page does. */
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocket } from "ws"
import { type ControlRequest, formatControl } from "../../../src/Protocol/Control.ts"
import { readPatternList } from "../../../src/Protocol/PatternList.ts"
import * as ServerProcess from "../../Server/ServerProcess.ts"

const demo = (...args: ReadonlyArray<string>) =>
  ServerProcess.start(["demo", "--host", "127.0.0.1", "--port", "0", ...args])

const addressOf = (process: ServerProcess.ServerProcess) =>
  Effect.promise(async () => (await process.printed(/Watch it at http:\/\/(\S+)\//))[1])

/** A page on the control channel. */
class Page {
  readonly heard: Array<string> = []
  readonly #socket: WebSocket
  #waiting: Array<() => void> = []

  constructor(address: string | undefined) {
    this.#socket = new WebSocket(`ws://${address}/control/`)
    this.#socket.on("message", (data) => {
      this.heard.push(String(data))
      for (const resume of this.#waiting.splice(0)) resume()
    })
  }

  /** Waits for an answer that comes after the last expected one. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const heard = this.heard.shift()
      if (heard === undefined) await new Promise<void>((resolve) => this.#waiting.push(resolve))
      else if (pattern.test(heard)) return heard
    }
  }

  ask(request: ControlRequest): void {
    this.#socket.send(formatControl(request))
  }

  close(): void {
    this.#socket.terminate()
  }
}

describe("demo", () => {
  it.scopedLive("demo plays a game and ends with -n", () =>
    Effect.gen(function* () {
      const process = yield* demo("-p", "blinker", "-s", "6", "-l", "50", "-n", "30", "--check")
      assert.strictEqual(yield* Effect.promise(() => process.ended), 0, process.errors)
      assert.match(
        process.output,
        /step 30; 3 of 36 cells are alive.*31 steps compared with a simulation, all cells right/
      )
    })
  )

  it.scopedLive("demo has a page with patterns", () =>
    Effect.gen(function* () {
      // A server of demo ends with its game, so this game has no end.
      const process = yield* demo("-p", "blinker", "-s", "6", "-l", "5")
      const address = yield* addressOf(process)
      const list = yield* Effect.promise(async () =>
        readPatternList(await (await fetch(`http://${address}/patterns.json`)).json())
      )
      assert.strictEqual(list?.hasControl, true)
      assert.isNotEmpty(list?.patterns)
      process.child.kill("SIGINT")
      assert.strictEqual(yield* Effect.promise(() => process.ended), 130, process.errors)
    })
  )

  it.scopedLive("demo pauses, steps, changes speed and starts other games for its page, and ends on Ctrl-C", () =>
    Effect.gen(function* () {
      const process = yield* demo("-p", "blinker", "-s", "6", "-l", "20")
      const page = new Page(yield* addressOf(process))
      const steer = async () => {
        await page.until(/"game":"running","speed":20/)
        page.ask({ type: "step" })
        await page.until(/single steps are possible only while the game is paused/)
        page.ask({ type: "pause" })
        await page.until(/"game":"paused"/)
        page.ask({ type: "step" })
        page.ask({ type: "speed", speed: 50 })
        await page.until(/"game":"paused","speed":50/)
        page.ask({ type: "resume", step: -1 })
        await page.until(/the server does not know this request/)
        // All cells have taken this step.
        page.ask({ type: "resume", step: 1 })
        await page.until(/"game":"running"/)
        await page.until(/"game":"paused"/)
        // Nor is such a step forgotten when the clients' process is killed on the way, or when it pauses there already.
        // It is slow until then, so that the step is far away.
        page.ask({ type: "speed", speed: 1 })
        page.ask({ type: "resume", step: 100 })
        await page.until(/"game":"running"/)
        page.ask({ type: "kill" })
        await page.until(/"fault":"kill"/)
        await page.until(/"game":"running"/)
        page.ask({ type: "speed", speed: 1000 })
        await page.until(/"game":"paused"/)
        page.ask({ type: "resume" })
        await page.until(/"game":"running"/)
        const game = { width: 5, height: 4, rule: "HighLife", topology: "klein", speed: 30 }
        page.ask({ type: "start", game: { ...game, start: { type: "pattern", name: "/etc/passwd" } } })
        await page.until(/refused.*no such pattern in the library/)
        page.ask({ type: "start", game: { ...game, start: { type: "cells", rle: "bo$2bo$3o!" } } })
        await page.until(/"game":"starting","speed":30/)
        await page.until(/"game":"running","speed":30/)
        await process.printed(/5 x 4 cells, K5,4\*, B36\/S23; 5 alive/)
        page.close()
        process.child.kill("SIGINT")
        return process.ended
      }
      assert.strictEqual(yield* Effect.promise(steer), 130)
      assert.notMatch(process.errors, /\n\s+at /)
    })
  )

  it.scopedLive("demo says that its port is in use", () =>
    Effect.gen(function* () {
      const first = yield* demo("-s", "3", "-p", "blinker")
      const port = (yield* addressOf(first))?.split(":")[1] ?? ""
      const second = yield* ServerProcess.start(["demo", "--host", "127.0.0.1", "--port", port, "-s", "3"])
      assert.strictEqual(yield* Effect.promise(() => second.ended), 1)
      assert.match(second.errors, /^effect-c10k: port \d+ is in use on 127.0.0.1/m)
    })
  )
})
