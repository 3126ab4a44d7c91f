import { assert, describe, it } from "@effect/vitest"
import { phaseOf } from "../../../src/Cli/Game/GameStatus.ts"
import { GameProgress } from "../../../src/Life/Game/GameProgress.ts"

describe("The progress of a game", () => {
  it("The progress of a game that is taken over says that its cells connect, and not that they were lost", () => {
    const progress = Object.assign(new GameProgress(6, 6), { running: true, connected: 9, subscribed: 4 })
    assert.strictEqual(phaseOf(progress), "connecting")
    progress.connected = 36
    assert.strictEqual(phaseOf(progress), "subscribing")
    progress.subscribed = 36
    assert.strictEqual(phaseOf(progress), "running")
    progress.step = 40
    progress.connected = progress.subscribed = 35
    assert.strictEqual(phaseOf(progress), "reconnecting")
  })
})
