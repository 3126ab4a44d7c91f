/** A drawing of a generation: its cells, the changes that can be undone, and the pattern that is held or the cells that are selected. Pure. */

import type { Grid } from "../../../src/Life/Universe/Grid.ts"
import { highest } from "../../../src/Life/Universe/Grid.ts"
import * as Transform from "../../../src/Life/Universe/Transform.ts"
import { around, between, clearRect, clipOf, type Rect, stamp } from "./Clip.ts"
import { copied } from "./Drawing.ts"
import type { Frame } from "./Model.ts"
import type { Point } from "./Viewport.ts"

export type Tool =
  | { readonly _tag: "Nothing" }
  /** A pattern that is shown over the cells until it is placed. */
  | { readonly _tag: "Stamp"; readonly name: string; readonly clip: Grid; readonly cell: Point }
  | { readonly _tag: "Selection"; readonly anchor: Point; readonly rect: Rect }

const nothing: Tool = { _tag: "Nothing" }

/** The most cells of all states that are kept for undo. */
const MEMORY_LIMIT = 32 * 2 ** 20

export class Sheet {
  /** The cells with the held pattern over them. */
  readonly frame: Frame
  /** The cells without the held pattern. */
  readonly drawn: Frame
  #tool: Tool = nothing
  /** The cells before each change, the oldest first. */
  #past: Array<Uint8Array> = []
  /** The cells that were undone, the newest last. */
  #undone: Array<Uint8Array> = []

  /** `before`: the sheet that is gone on with, whose grid may have had another size. Its changes can be undone and redone on this one. */
  constructor(drawn: Frame, before?: Sheet) {
    this.drawn = drawn
    this.frame = { ...drawn, states: drawn.states.slice() }
    if (before === undefined) return
    const fitted = (states: Uint8Array) => copied({ ...before.drawn, states }, drawn.width, drawn.height).states
    this.#past = before.#past.map(fitted)
    this.#undone = before.#undone.map(fitted)
  }

  get tool(): Tool {
    return this.#tool
  }

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  get canRedo(): boolean {
    return this.#undone.length > 0
  }

  /** The rectangle that is held or selected. */
  get outline(): Rect | undefined {
    const tool = this.#tool
    if (tool._tag === "Selection") return tool.rect
    if (tool._tag === "Nothing") return undefined
    const { height, width } = tool.clip
    return { ...around(tool.cell, tool.clip, this.frame), width, height }
  }

  /** Remembers the current cells for undo. */
  remember(): void {
    this.#undone = []
    this.#past.push(this.drawn.states.slice())
    if (this.#past.length > 2 && this.#past.length * this.drawn.states.length > MEMORY_LIMIT) this.#past.shift()
  }

  /** Changes the cells. */
  change(edit: (drawn: Frame) => void): void {
    edit(this.drawn)
    this.#show()
  }

  undo(): void {
    const before = this.#past.pop()
    if (before === undefined) return
    this.#undone.push(this.drawn.states.slice())
    this.change(({ states }) => states.set(before))
  }

  /** Makes the change again that was undone last. */
  redo(): void {
    const after = this.#undone.pop()
    if (after === undefined) return
    this.#past.push(this.drawn.states.slice())
    this.change(({ states }) => states.set(after))
  }

  /** Takes back a change that was not meant, such as the stroke of the first finger of a pinch: `redo` does not bring it back. */
  discard(): void {
    this.undo()
    this.#undone.pop()
  }

  /** Holds a pattern over a cell. If this is not possible, returns a sentence that says why. */
  startStamp(name: string, clip: Grid, cell: Point): string | undefined {
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
    const tool = this.#tool
    if (tool._tag === "Stamp") this.#set({ ...tool, cell })
    else if (tool._tag === "Selection") this.#set({ ...tool, rect: between(tool.anchor, cell) })
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
    const tool = this.#tool
    if (tool._tag !== "Stamp") return
    this.remember()
    this.change((drawn) => stamp(drawn, tool.clip, around(tool.cell, tool.clip, drawn)))
  }

  /** Drops the held pattern and the selection. */
  release(): void {
    this.#set(nothing)
  }

  /** The selected cells. */
  get selected(): Grid | undefined {
    return this.#tool._tag === "Selection" ? clipOf(this.drawn, this.#tool.rect) : undefined
  }

  /** Makes the selected cells dead. */
  clearSelected(): void {
    const tool = this.#tool
    if (tool._tag !== "Selection") return
    this.remember()
    this.change((drawn) => clearRect(drawn, tool.rect))
  }

  /** Removes the selected cells from the drawing and holds them as a pattern at the same place. */
  lift(): void {
    const tool = this.#tool
    const clip = this.selected
    if (tool._tag !== "Selection" || clip === undefined) return
    this.clearSelected()
    const { height, width, x, y } = tool.rect
    this.startStamp("The selection", clip, { x: x + Math.floor(width / 2), y: y + Math.floor(height / 2) })
  }

  #transform(change: (clip: Grid) => Grid): void {
    const tool = this.#tool
    if (tool._tag !== "Stamp") return
    const clip = change(tool.clip)
    if (clip.width <= this.frame.width && clip.height <= this.frame.height) this.#set({ ...tool, clip })
  }

  #set(tool: Tool): void {
    this.#tool = tool
    this.#show()
  }

  #show(): void {
    this.frame.states.set(this.drawn.states)
    const tool = this.#tool
    if (tool._tag === "Stamp") stamp(this.frame, tool.clip, around(tool.cell, tool.clip, this.frame))
  }
}
