/** A drawing of a generation: its cells, the changes that can be undone, and the pattern that is held or the cells that are selected. Pure. */
import * as Transform from "../../../src/Life/Pattern/Transform.ts"
import type { Grid } from "../../../src/Life/Universe/Grid.ts"
import { highest } from "../../../src/Life/Universe/Grid.ts"
import { around, between, clearRect, clipOf, type Rect, stamp } from "./Clip.ts"
import type { Frame } from "./Model.ts"
import type { Point } from "./Viewport.ts"

export type Held =
  | { readonly _tag: "Nothing" }
  /** A pattern that is shown over the cells until it is placed. */
  | { readonly _tag: "Stamp"; readonly name: string; readonly clip: Grid; readonly cell: Point }
  | { readonly _tag: "Selection"; readonly anchor: Point; readonly rect: Rect }

const nothing: Held = { _tag: "Nothing" }

/** The most cells of all states that are kept for undo. */
const memoryLimit = 32 * 2 ** 20

export class Sheet {
  /** The cells with the held pattern over them. */
  readonly frame: Frame
  /** The cells without the held pattern. */
  readonly drawn: Frame
  #held: Held = nothing
  /** The cells before each change, the oldest first. */
  #past: Array<Uint8Array> = []

  constructor(drawn: Frame) {
    this.drawn = drawn
    this.frame = { ...drawn, states: drawn.states.slice() }
  }

  get held(): Held {
    return this.#held
  }

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  /** The rectangle that is held or selected. */
  get outline(): Rect | undefined {
    const held = this.#held
    if (held._tag === "Selection") return held.rect
    if (held._tag === "Nothing") return undefined
    const { height, width } = held.clip
    return { ...around(held.cell, held.clip, this.frame), width, height }
  }

  /** Remembers the current cells for undo. */
  remember(): void {
    this.#past.push(this.drawn.states.slice())
    if (this.#past.length > 2 && this.#past.length * this.drawn.states.length > memoryLimit) this.#past.shift()
  }

  /** Changes the cells. */
  change(edit: (drawn: Frame) => void): void {
    edit(this.drawn)
    this.#show()
  }

  undo(): void {
    const before = this.#past.pop()
    if (before !== undefined) this.change(({ states }) => states.set(before))
  }

  /** Holds a pattern over a cell. If this is not possible, returns a sentence that says why. */
  hold(name: string, clip: Grid, cell: Point): string | undefined {
    const { height, stateCount, width } = this.frame
    if (clip.width > width || clip.height > height)
      return `This pattern needs ${clip.width} columns and ${clip.height} rows.`
    if (highest(clip) >= stateCount)
      return `This pattern has cells in state ${highest(clip)}, but the rule has only ${stateCount} states: choose the pattern's rule first.`
    this.#set({ _tag: "Stamp", name, clip, cell })
    return undefined
  }

  /** Selects a cell. `extend` moves the opposite corner. */
  select(anchor: Point): void {
    this.#set({ _tag: "Selection", anchor, rect: between(anchor, anchor) })
  }

  /** Moves the held pattern, or the corner of the selection. */
  moveTo(cell: Point): void {
    const held = this.#held
    if (held._tag === "Stamp") this.#set({ ...held, cell })
    else if (held._tag === "Selection") this.#set({ ...held, rect: between(held.anchor, cell) })
  }

  /** Rotates the held pattern clockwise by 90 degrees, if it still fits on the grid. */
  turn(): void {
    this.#transform((clip) => Transform.rotate(clip, 90))
  }

  mirror(direction: Transform.Flip): void {
    this.#transform((clip) => Transform.flip(clip, direction))
  }

  /** Puts the held pattern on the cells, and keeps holding it. */
  place(): void {
    const held = this.#held
    if (held._tag !== "Stamp") return
    this.remember()
    this.change((drawn) => stamp(drawn, held.clip, around(held.cell, held.clip, drawn)))
  }

  /** Drops the held pattern and the selection. */
  release(): void {
    this.#set(nothing)
  }

  /** The selected cells. */
  get selected(): Grid | undefined {
    return this.#held._tag === "Selection" ? clipOf(this.drawn, this.#held.rect) : undefined
  }

  /** Makes the selected cells dead. */
  clearSelected(): void {
    const held = this.#held
    if (held._tag !== "Selection") return
    this.remember()
    this.change((drawn) => clearRect(drawn, held.rect))
  }

  /** Removes the selected cells from the drawing and holds them as a pattern at the same place. */
  lift(): void {
    const held = this.#held
    const clip = this.selected
    if (held._tag !== "Selection" || clip === undefined) return
    this.clearSelected()
    const { height, width, x, y } = held.rect
    this.hold("The selection", clip, { x: x + Math.floor(width / 2), y: y + Math.floor(height / 2) })
  }

  #transform(change: (clip: Grid) => Grid): void {
    const held = this.#held
    if (held._tag !== "Stamp") return
    const clip = change(held.clip)
    if (clip.width <= this.frame.width && clip.height <= this.frame.height) this.#set({ ...held, clip })
  }

  #set(held: Held): void {
    this.#held = held
    this.#show()
  }

  #show(): void {
    this.frame.states.set(this.drawn.states)
    const held = this.#held
    if (held._tag === "Stamp") stamp(this.frame, held.clip, around(held.cell, held.clip, this.frame))
  }
}
