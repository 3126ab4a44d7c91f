import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Capture from "../../../src/Echo/Scenario/Capture.ts"
import * as JsonPath from "../../../src/Echo/Scenario/JsonPath.ts"
import * as Table from "../../../src/Echo/Scenario/Table.ts"
import { parseSize } from "../../../src/Text/Size.ts"

describe("JsonPath", () => {
  // The cases of RFC 9535, section 2.3, that give one place.
  const document = { o: { "j j": { "k.k": 3 } }, "'": { "@": 2 }, list: ["a", "b"], "☺": 1, n: null }
  const places: ReadonlyArray<readonly [string, unknown]> = [
    ["$", document],
    ["$.o['j j']['k.k']", 3],
    ['$.o["j j"]["k.k"]', 3],
    [`$["'"]["@"]`, 2],
    ["$.list[1]", "b"],
    ["$.list[-2]", "a"],
    ["$.list[5]", undefined],
    ["$.list.length", undefined],
    ["$.o.constructor", undefined],
    ["$['☺']", 1],
    ["$.n", null],
    ["$.n.x", undefined]
  ]
  it.each(places)("JsonPath finds %s", (text, value) =>
    assert.deepStrictEqual(JsonPath.get(document, Either.getOrThrow(JsonPath.parse(text))), value)
  )
  it.each(["", "a.b", "$..a", "$.list[*]", "$.list[", "$.a b"])("JsonPath refuses %s", (text) =>
    assert.isTrue(Either.isLeft(JsonPath.parse(text)))
  )
})

describe("Capture", () => {
  it("Capture takes a part by path, pattern or place", () => {
    const json = '{"a": {"b": [1, "x"]}, "id": 7}'
    assert.strictEqual(Capture.compile("$.a.b[1]").read(json), "x")
    assert.strictEqual(Capture.compile({ json: "$.a" }).read(json), '{"b":[1,"x"]}')
    assert.strictEqual(Capture.compile("$.id").read(Buffer.from(json)), "7")
    assert.strictEqual(Capture.compile({ pattern: 'id": (\\d)' }).read(json), "7")
    assert.strictEqual(Capture.compile({ pattern: "id" }).read(json), "id")
    assert.strictEqual(Capture.compile({ bytes: [1, 3] }).read(Uint8Array.of(1, 2, 255)), "02ff")
    assert.isUndefined(Capture.compile("$.none").read(json))
    assert.isUndefined(Capture.compile("$.a").read("no JSON"))
    assert.isUndefined(Capture.compile({ pattern: "none" }).read(json))
    assert.isUndefined(Capture.compile({ bytes: [1, 4] }).read(Uint8Array.of(1, 2, 255)))
  })
})

describe("Table", () => {
  it("Table reads CSV and JSON to the same", () => {
    const rows = [
      ["Ann, Dr.", "30"],
      ["Ben", ""]
    ]
    const csv = '\ufeffname,age\r\n"Ann, Dr.",30\r\nBen,\r\n'
    const json = '[{"name": "Ann, Dr.", "age": 30}, {"name": "Ben"}]'
    for (const table of [Table.parse("a.csv", csv), Table.parse("a.json", json)]) {
      assert.deepStrictEqual(Either.getOrThrow(table), { columns: ["name", "age"], rows })
    }
  })
  it("Table refuses what is no table", () => {
    for (const [file, text] of [
      ["a.json", "{}"],
      ["a.json", "[1]"],
      ["a.csv", "name\n"]
    ] as const) {
      assert.isTrue(Either.isLeft(Table.parse(file, text)))
    }
  })
})

describe("Size", () => {
  it("Size reads bytes with their unit", () => {
    assert.deepStrictEqual(["12", "1KiB", "2 kB", "1MiB", "x", "1.5k"].map(parseSize), [
      12,
      1024,
      2000,
      1048576,
      undefined,
      undefined
    ])
  })
})
