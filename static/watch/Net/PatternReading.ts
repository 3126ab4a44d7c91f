/** Reads patterns of all formats. The script for this is loaded when it is first needed. */
import { Script } from "./Script.ts"

export interface ReadPattern {
  readonly width: number
  readonly height: number
  /** The state of each cell, row by row: 0 dead, 1 alive, 2 and above dying. */
  readonly cells: Uint8Array
  readonly rule: string | undefined
  /** The edges that the pattern asks for, as for `life --topology`, and the size that it was written with. */
  readonly topology:
    | { readonly text: string; readonly width: number | undefined; readonly height: number | undefined }
    | undefined
  /** Whether its comments call it a gun, which would hit itself on joined edges. */
  readonly isGun: boolean
}

interface Reader {
  readonly read: (text: string) => ReadPattern | { readonly problem: string }
}

const reader = new Script<Reader>("reading/main.js")

/** Reads a pattern. Fails with a sentence that says what is wrong with the text. */
export const readPattern = async (text: string): Promise<ReadPattern> => {
  const { read } = await reader.load()
  const pattern = read(text)
  if ("problem" in pattern) throw new Error(`${pattern.problem}.`)
  return pattern
}
