import { assert, describe, it } from "@effect/vitest"
import { harness, untilText } from "./Harness.ts"
import { scattered, TestGame } from "./TestGame.ts"

const test = harness()

describe("A hidden page", () => {
  it("A hidden page gets nothing, and grows neither the server's memory nor its own, while the game goes on", async () => {
    const game = TestGame.running(test.server.state, 100, 100, scattered)
    const page = await test.visit()
    await untilText(page, "#phase", "Running")
    const session = await page.context().newCDPSession(page)
    const memory = async () => {
      await session.send("HeapProfiler.collectGarbage")
      const { usedSize } = await session.send("Runtime.getHeapUsage")
      return { page: usedSize / 2 ** 20, server: process.memoryUsage().arrayBuffers / 2 ** 20 }
    }
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => true })
      document.dispatchEvent(new Event("visibilitychange"))
    })
    await test.server.untilRequest("pause")
    const sent = test.server.sent
    const before = await memory()
    // 300,000 states, with turns of the server between them.
    for (let turn = 0; turn < 300; turn++) {
      game.publishSome(1_000)
      await new Promise(setImmediate)
    }
    const after = await memory()
    assert.strictEqual(test.server.sent, sent)
    assert.isAtMost(after.page - before.page, 2)
    assert.isAtMost(after.server - before.server, 2)
  })
})
