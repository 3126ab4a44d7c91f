/** What the pages of a run are told, and when. */
import { assert, describe, it } from "@effect/vitest"
import { RunFeed } from "../../../src/Cli/Echo/Ui/RunFeed.ts"
import type { LoadRequest } from "../../../src/Protocol/LoadView.ts"
import { snapshot } from "../../Echo/observation.ts"
import { plan } from "../../Echo/plan.ts"

/** A run whose processes have not reported the new load yet, and a page. */
const open = () => {
  const reported: Array<{ readonly type: string; readonly load?: number }> = []
  const asked: Array<LoadRequest> = []
  const run = { rate: 100 }
  const feed = new RunFeed([], (request) => void asked.push(request))
  feed.begin(plan(0, { rate: run.rate }), {
    unsafeSnapshot: () => ({ ...snapshot(0), rate: run.rate }),
    unsafeSeconds: () => []
  })
  const page = feed.open({ send: (message) => void reported.push(JSON.parse(String(message))) })
  return { asked, feed, page, run, reported }
}

describe("messages to the pages of a run", () => {
  it("messages to the pages of a run is the requested load as soon as the request came, even if the run reports it later", () => {
    const { asked, feed, page, run, reported } = open()
    const load = () => {
      reported.length = 0
      feed.poll()
      return reported.at(-1)?.load
    }
    assert.strictEqual(load(), 100)
    page.onMessage(JSON.stringify({ type: "steer", load: 150 }))
    assert.deepStrictEqual(asked, [{ type: "steer", load: 150 }])
    assert.deepStrictEqual(reported.at(-1), { type: "answered" })
    assert.strictEqual(load(), 150)
    run.rate = 150
    assert.strictEqual(load(), 150)
    run.rate = 120
    assert.strictEqual(load(), 120)
  })

  it("messages to the pages of a run is an answer to every request, even to an invalid one", () => {
    const { asked, page, reported } = open()
    reported.length = 0
    page.onMessage("steer!")
    page.onMessage(JSON.stringify({ type: "steer", load: -1 }))
    assert.deepStrictEqual(reported, [{ type: "answered" }, { type: "answered" }])
    assert.deepStrictEqual(asked, [])
  })
})
