import { spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { WebSocket } from "ws"
import { type ControlState, parseControlResponse } from "../../src/Protocol/Control.ts"
import { program } from "../program.ts"
import { chromium, open } from "./Browser.ts"
import { act, eventually, untilText } from "./Harness.ts"
import { follows } from "./RealStates.ts"

/** Runs the command until the scope closes. Returns its address. */
const demo = (...options: ReadonlyArray<string>) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.promise(async () => {
        const child = spawn(process.execPath, [...program(), "demo", "--port", "0", ...options], {
          stdio: ["ignore", "ignore", "pipe"]
        })
        for await (const line of createInterface({ input: child.stderr })) {
          const address = /http:\/\/\S+/.exec(line)?.[0]
          if (address === undefined) continue
          child.stderr.resume()
          return { child, address }
        }
        throw new Error("demo ended without an address")
      }),
      ({ child }) =>
        Effect.promise(async () => {
          const exited = once(child, "exit")
          child.stderr.resume()
          child.kill("SIGINT")
          await exited
        })
    ),
    ({ address }) => address
  )

/** The states of the run that pages are told, without repetitions, until the scope closes. */
const controlStates = (address: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => new WebSocket(`${address.replace("http", "ws")}control/`)),
      (socket) => Effect.sync(() => socket.terminate())
    ),
    (socket) => {
      const states: Array<ControlState["game"]> = []
      socket.on("message", (data) => {
        const message = parseControlResponse(String(data))
        if (message?.type === "state" && message.game !== states.at(-1)) states.push(message.game)
      })
      return states
    }
  )

describe("The watch page of a demo", () => {
  it.scopedLive("The watch page of a demo pauses, steps, continues and replaces the run", () =>
    Effect.gen(function* () {
      const address = yield* demo("-s", "8", "-p", "glider", "-l", "20")
      const browser = yield* chromium
      const states = yield* controlStates(address)
      yield* Effect.promise(async () => {
        const { errors, page } = await open(browser, address, { reducedMotion: "reduce" })
        await untilText(page, "#generation", /^\d/)
        await untilText(page, "#play-label", "Pause")
        await untilText(page, "#latency", /\d/)
        await act(page, "play")
        await untilText(page, "#play-label", "Resume")
        // After the messages under way have arrived, all cells are at the same step.
        await untilText(page, "#steps-rate", "0.0")
        // No message has one now.
        await untilText(page, "#latency", "–")
        await untilText(page, "#spread", "all cells in step")
        const step = Number(await page.textContent("#generation"))
        await act(page, "forward")
        await untilText(page, "#generation", String(step + 1))
        await page.locator("#run-speed").selectOption("50")
        await act(page, "play")
        await untilText(page, "#play-label", "Pause")
        await page.waitForFunction(
          (step) => Number.parseInt(document.querySelector("#generation")?.textContent ?? "", 10) > step + 20,
          step
        )
        await page.locator('header [data-action="start"]').click()
        await page.getByRole("radio", { name: "blinker" }).check()
        await page.locator("#width").fill("7")
        await page.locator("#height").fill("9")
        await page.locator("#begin").click()
        await page.waitForFunction(() => document.title === "Game of Life 7x9")
        await untilText(page, "#population", "3")
        assert.strictEqual(await page.textContent("#workers"), "63")
        assert.deepStrictEqual(errors, [])
        // What the stand-in of other tests may say of its run.
        await eventually(() => assert.isTrue(states.join().endsWith("paused,running,ended,starting,running")))
        for (const [at, next] of states.entries())
          if (at > 0) assert.isTrue(follows(states[at - 1]!, next), states.join())
      })
    })
  )
})
