import { assert, it } from "@effect/vitest"
import { codec, type TopicEntry, TopicWriter } from "../../../src/WebSocket/Topic/TopicEntry.ts"

const message = { _tag: "Message", key: "room", node: "n", number: 1, at: 2, message: "text" } as const

it("an entry of a topic keeps U+FEFF at the beginning of its key, its text and its names", () => {
  const joined = { _tag: "Joined", key: "\ufeffroom", id: "\ufeff1", user: "\ufeffAda", node: "n" } as const
  const said = { ...message, key: "\ufeffroom", message: "\ufefftext" }
  const entries: ReadonlyArray<object> = [
    joined,
    said,
    { ...said, except: "\ufeff1" },
    { ...said, key: "", message: "" }
  ]
  const decoded = codec.decode(codec.encode(entries as ReadonlyArray<TopicEntry>))
  assert.deepEqual(
    decoded?.map((entry) => JSON.parse(JSON.stringify(entry))),
    [...entries]
  )
})

it("an entry of a topic that is cut off is none, and a kind of a later version is left out", () => {
  const bytes = codec.encode([message, { ...message, message: new Uint8Array([1, 2]) }])
  for (let length = 1; length < bytes.length; length++)
    assert.notStrictEqual(codec.decode(bytes.slice(0, length))?.length, 2, `${length} bytes`)
  const later = Buffer.from(codec.encode([message, message]))
  later[4] = 77
  assert.deepStrictEqual(codec.decode(later), [message])
})

it("a topic writes what was said in one turn as one entry of a shared log, in order, and never more than NATS takes", async () => {
  const written: Array<ReadonlyArray<TopicEntry>> = []
  const writer = new TopicWriter({ unsafeAppend: (entries) => void written.push(entries) }, true)
  const numbers = Array.from({ length: 100 }, (_, number) => number)
  for (const number of numbers) writer.append({ ...message, number })
  assert.isEmpty(written)
  await Promise.resolve()
  assert.deepStrictEqual(
    written.map((entries) => entries.map((entry) => (entry as typeof message).number)),
    [numbers]
  )
  for (const number of numbers) writer.append({ ...message, number, message: "\u20ac".repeat(3 * number * number) })
  for (const number of numbers)
    writer.append({ _tag: "Joined", key: "room", id: `${number}`, user: "u", data: "\u20ac".repeat(5000), node: "n" })
  writer.append({ _tag: "Gone", node: "n" })
  writer.flush()
  await Promise.resolve()
  assert.deepStrictEqual(written.slice(1).flat().length, 201)
  for (const entries of written) assert.isBelow(codec.encode(entries).length, 512 * 1024)
})

it("a topic writes at once in the memory of one process", () => {
  const written: Array<ReadonlyArray<TopicEntry>> = []
  const writer = new TopicWriter({ unsafeAppend: (entries) => void written.push(entries) }, false)
  writer.append(message)
  writer.append(message)
  assert.deepStrictEqual(written, [[message], [message]])
})
