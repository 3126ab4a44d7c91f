import { assert, describe, it } from "@effect/vitest"
import { PlainLines, ProgressLines } from "../../../src/Echo/Report/PlainLines.ts"
import { runOf } from "../observation.ts"

describe("PlainLines", () => {
  it("PlainLines are the lines of the C10k demo", () => {
    const lines = new PlainLines(10_000, 60)
    const count = (open: number, peak: number) => lines.next({ open, peak })
    assert.deepStrictEqual(count(499, 499), [])
    assert.deepStrictEqual(count(500, 500), [">   500 connections"])
    assert.deepStrictEqual(count(1600, 1600), [">  1000 connections", ">  1500 connections"])
    assert.strictEqual(count(9999, 9999).at(-1), ">  9500 connections")
    assert.deepStrictEqual(count(10_000, 10_000), ["> 10000 connections", "", "10000 clients are connected!", ""])
    assert.deepStrictEqual(count(9499, 10_000), ["<  9500 connections"])
    assert.strictEqual(count(0, 10_000).at(-1), "<     0 connections")
  })

  it("PlainLines miss no peak between two calls", () => {
    const lines = new PlainLines(10, 30)
    assert.deepStrictEqual(lines.next({ open: 9, peak: 10 }), [
      ...Array.from({ length: 10 }, (_, i) => `> ${String(i + 1).padStart(5)} connections`),
      "",
      "10 clients are connected!",
      "",
      "<     9 connections"
    ])
  })

  it("PlainLines count only up in a run whose conversations follow each other", () => {
    const lines = new PlainLines(60_000, 30, true)
    let peak = 0
    const counted = [1, 0, 1, 6001, 0, 6002, 1].map((open) => {
      peak = Math.max(peak, open)
      return lines.next({ open, peak })
    })
    assert.deepStrictEqual(counted.flat(), [">  6000 connections"])
  })

  it("PlainLines count each connection if there are few clients", () => {
    assert.deepStrictEqual(new PlainLines(5, 60).next({ open: 1, peak: 1 }), [">     1 connections"])
  })
})

describe("ProgressLines", () => {
  it("ProgressLines say every ten seconds what happened in them", () => {
    const lines = new ProgressLines()
    const at = (length: number) => lines.next(runOf({ length }))
    assert.deepStrictEqual(at(9), [])
    assert.deepStrictEqual(at(10), ["10 s: 7 connected, 100/s sent, 100/s received, p99 99.0 ms, 1 failed"])
    assert.deepStrictEqual(at(19), [])
    assert.deepStrictEqual(at(21), ["21 s: 7 connected, 100/s sent, 100/s received, p99 99.0 ms, 0 failed"])
  })
})
