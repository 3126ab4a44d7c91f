/** The keys of a drawing, by what is held over it. Pure. */
import type { Held } from "./Sheet.ts"

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
  | "random"
  | "release"
  | "restart"
  | "select"
  | "take"
  | "toggle"
  | "turn"
  | "undo"

type Keys = Readonly<Record<string, DrawingCommand>>

const always: Keys = { "ctrl+z": "undo", s: "select" }

const keys: { readonly [T in Held["_tag"]]: Keys } = {
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

/** The command of a key; undefined if it has none, and is a key of the page. */
export const commandOf = (
  { ctrlKey, key, metaKey }: Pick<KeyboardEvent, "ctrlKey" | "key" | "metaKey">,
  { _tag }: Held
): DrawingCommand | undefined => keys[_tag][`${ctrlKey || metaKey ? "ctrl+" : ""}${key.toLowerCase()}`]
