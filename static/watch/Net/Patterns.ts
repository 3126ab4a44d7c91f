/** Loads the patterns from which games can be started. */
import type { PatternList } from "../../../src/Protocol/PatternList.ts"
import { readPatternList } from "../../../src/Protocol/PatternList.ts"

/** The list if the server has none. Random cells and drawings can still be started from a terminal. */
export const noPatterns: PatternList = { command: "npx effect-c10k life", hasControl: false, patterns: [] }

/** Loads the list of patterns. Never fails: if the server has none or can't be reached, the list is empty. */
export const loadPatterns = async (): Promise<PatternList> => {
  try {
    const response = await fetch("/patterns.json")
    return (response.ok ? readPatternList(await response.json()) : undefined) ?? noPatterns
  } catch {
    return noPatterns
  }
}
