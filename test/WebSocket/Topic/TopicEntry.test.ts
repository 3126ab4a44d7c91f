import { assert, it } from "@effect/vitest"
import { codec, type TopicEntry } from "../../../src/WebSocket/Topic/TopicEntry.ts"

it("an entry of a topic keeps U+FEFF at the beginning of its key, its text and its names", () => {
  const joined = { _tag: "Joined", key: "\ufeffroom", id: "\ufeff1", user: "\ufeffAda", node: "n" } as const
  const message = { _tag: "Message", key: "\ufeffroom", node: "n", number: 1, at: 2, message: "\ufefftext" } as const
  for (const entry of [joined, message, { ...message, except: "\ufeff1" }, { ...message, key: "", message: "" }])
    assert.deepInclude(codec.decode(codec.encode(entry as TopicEntry)), entry)
})
