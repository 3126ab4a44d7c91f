/** Loads the patterns from which games can be started. */
import type { PatternList } from "../../../src/Protocol/PatternList.ts"
import { readPatternList } from "../../../src/Protocol/PatternList.ts"

/** The list if the server has none. Random cells and drawings can still be started from a terminal. */
export const noPatterns: PatternList = { command: "npx effect-c10k life", hasControl: false, patterns: [] }

/** Loads the list of patterns, which is empty if the server has none. Never fails: `undefined` if the server can't be reached. */
export const loadPatterns = async (): Promise<PatternList | undefined> => {
  try {
    const response = await fetch("/patterns.json")
    return (response.ok ? readPatternList(await response.json()) : undefined) ?? noPatterns
  } catch {
    return undefined
  }
}
