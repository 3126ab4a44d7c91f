/** The keys while drawing. They depend on whether a pattern is held or cells are selected. Pure. */
import type { Tool } from "./Sheet.ts"

export type DrawingCommand =
  | "clear"
  | "close"
  | "copy"
  | "cut"
  | "erase"
  | "lift"
  | "mirror"
  | "mirror-down"
  | "place"
  | "redo"
  | "random"
  | "release"
  | "restart"
  | "select"
  | "take"
  | "toggle"
  | "turn"
  | "undo"

type Keys = Readonly<Record<string, DrawingCommand>>

const always: Keys = { "ctrl+z": "undo", "ctrl+shift+z": "redo", "ctrl+y": "redo", s: "select" }

const keys: { readonly [T in Tool["_tag"]]: Keys } = {
  Nothing: { ...always, enter: "toggle", escape: "close" },
  Stamp: { ...always, enter: "place", r: "turn", x: "mirror", y: "mirror-down", escape: "release" },
  Selection: {
    ...always,
    "ctrl+c": "copy",
    "ctrl+x": "cut",
    delete: "erase",
    backspace: "erase",
    m: "lift",
    enter: "restart",
    escape: "release"
  }
}

/** The command of a key; `undefined` if the key has no meaning for the drawing. Then it may have one for the page. */
export const commandOf = (
  {
    ctrlKey,
    key,
    metaKey,
    shiftKey = false
  }: Pick<KeyboardEvent, "ctrlKey" | "key" | "metaKey"> & {
    readonly shiftKey?: boolean
  },
  { _tag }: Tool
): DrawingCommand | undefined =>
  keys[_tag][`${ctrlKey || metaKey ? (shiftKey ? "ctrl+shift+" : "ctrl+") : ""}${key.toLowerCase()}`]
