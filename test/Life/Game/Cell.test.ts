import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { Cell } from "../../../src/Life/Game/Cell.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import * as arbitraries from "../arbitraries.ts"
import * as plain from "../plain.ts"

const blinkerCentre = () => new Cell(1, 1, 1, Rule.life, Topology.neighbours(Topology.torus(3, 3), "Moore", 1, 1))

interface Message {
  readonly step: number
  readonly row: number
  readonly col: number
  readonly state: Rule.State
}

describe("Cell", () => {
  it("Cell advances when the state of its last neighbour comes", () => {
    const cell = blinkerCentre()
    assert.strictEqual(cell.degree, 8)
    for (const { col, row } of cell.subscriptions().slice(1)) {
      assert.strictEqual(cell.receive(0, row, col, row === 1 ? 1 : 0), 0)
    }
    assert.strictEqual(cell.receive(0, 0, 0, 0), 1)
    assert.deepInclude(cell, { step: 1, state: 1, previousState: 1 })
  })

  it("Cell ignores repeated, old and too new messages, and cells that are no neighbours", () => {
    const cell = blinkerCentre()
    for (let i = 0; i < 100; i++) assert.strictEqual(cell.receive(0, 0, 0, 1), 0)
    for (const [step, row, col] of [
      [-1, 0, 1],
      [2, 0, 1],
      [0, 1, 1],
      [0, 0, 9],
      [0, -1, 0]
    ] as const) {
      assert.strictEqual(cell.receive(step, row, col, 1), 0)
    }
    for (const { col, row } of cell.subscriptions().slice(1)) cell.receive(0, row, col, 0)
    assert.deepInclude(cell, { step: 1, state: 0, previousState: 1 })
  })

  it("Cell takes two steps at once when one late message completes both", () => {
    const cell = blinkerCentre()
    const [late, ...others] = cell.subscriptions()
    for (const step of [0, 1]) for (const { col, row } of others) cell.receive(step, row, col, 0)
    assert.strictEqual(cell.receive(1, late!.row, late!.col, 0), 0)
    assert.strictEqual(cell.receive(0, late!.row, late!.col, 0), 2)
    assert.deepInclude(cell, { step: 2, state: 0, previousState: 0 })
  })

  it("Cell stops at its last step, where it is complete when it has heard all its neighbours", () => {
    const cell = new Cell(0, 0, 1, Rule.life, Topology.neighbours(Topology.torus(3, 3), "Moore", 0, 0), 1)
    const [late, ...others] = cell.subscriptions()
    for (const step of [0, 1]) for (const { col, row } of others) cell.receive(step, row, col, 0)
    cell.receive(1, late!.row, late!.col, 0)
    assert.isFalse(cell.isComplete)
    assert.strictEqual(cell.receive(0, late!.row, late!.col, 0), 1)
    assert.deepInclude(cell, { step: 1, state: 0, isComplete: true })
  })

  it("a cell without neighbours advances by its own messages", () => {
    const cell = new Cell(0, 0, 1, Rule.make([], [0]), [])
    assert.deepStrictEqual(cell.subscriptions(), [{ row: 0, col: 0 }])
    assert.strictEqual(cell.receive(0, 0, 0, 1), 1)
    assert.deepInclude(cell, { step: 1, state: 1 })
  })

  it("Cell continues where the cell that it replaces stopped", () => {
    const cell = blinkerCentre()
    cell.receive(0, 0, 0, 1)
    cell.restore(7, 1, 0)
    assert.deepInclude(cell, { step: 7, state: 1, previousState: 0 })
    for (const { col, row } of cell.subscriptions()) cell.receive(7, row, col, row === 1 ? 1 : 0)
    assert.deepInclude(cell, { step: 8, state: 1, previousState: 1 })
  })

  // All cells are on one bus, which delivers in any order and repeats some messages.
  it.prop(
    "cells in lockstep evolve like the whole grid, even if messages are delayed and repeated",
    [arbitraries.world(5), FastCheck.infiniteStream(FastCheck.nat(1_000_000))],
    ([{ grid, rule, topology }, choices]) => {
      const steps = 4
      const cells = Array.from(grid.cells, (state, index) => {
        const row = Math.floor(index / grid.width)
        const col = index % grid.width
        return new Cell(row, col, state, rule, Topology.neighbours(topology, rule.neighbourhood, row, col))
      })
      const listeners = new Map<number, Array<Cell>>()
      for (const cell of cells) {
        for (const { col, row } of cell.subscriptions()) {
          const index = row * grid.width + col
          listeners.set(index, [...(listeners.get(index) ?? []), cell])
        }
      }
      const frames = Array.from({ length: steps + 2 }, () => new Map<number, Rule.State>())
      const mail: Array<{ readonly to: Cell; readonly message: Message }> = []
      const publish = (cell: Cell, step: number, state: Rule.State) => {
        if (step > steps) return
        const index = cell.row * grid.width + cell.col
        assert.isFalse(frames[step]!.has(index))
        frames[step]!.set(index, state)
        for (const to of listeners.get(index) ?? []) {
          mail.push({ to, message: { step, row: cell.row, col: cell.col, state } })
        }
      }
      for (const cell of cells) publish(cell, 0, cell.state)
      while (mail.length > 0) {
        const choice = choices.next().value!
        const letter = mail[choice % mail.length]!
        if (choice % 5 !== 0) mail.splice(choice % mail.length, 1)
        const { col, row, state, step } = letter.message
        const advanced = letter.to.receive(step, row, col, state)
        if (advanced === 2) publish(letter.to, letter.to.step - 1, letter.to.previousState!)
        if (advanced > 0) publish(letter.to, letter.to.step, letter.to.state)
      }
      let expected = grid
      for (let step = 0; step <= steps; step++) {
        const seen = Array.from(grid.cells, (_, index) => frames[step]!.get(index))
        assert.deepStrictEqual(seen, Array.from(expected.cells))
        expected = plain.step(expected, rule, topology)
      }
    }
  )
})
