/** Loads the patterns from which games can be started. */
import type { PatternList } from "../../../src/Protocol/PatternList.ts"
import { readPatternList } from "../../../src/Protocol/PatternList.ts"

/** Without the document, random cells and drawings can still be started from a terminal. */
const nothing: PatternList = { command: "npx effect-c10k life", hasControl: false, patterns: [] }

/** Never fails: a server that offers nothing, or cannot be reached, offers nothing. */
export const loadPatterns = async (): Promise<PatternList> => {
  try {
    const response = await fetch("/patterns.json")
    return (response.ok ? readPatternList(await response.json()) : undefined) ?? nothing
  } catch {
    return nothing
  }
}
