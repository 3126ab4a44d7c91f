/** The patterns that the server offers. */
import type { PatternList } from "../../src/Protocol/PatternList.ts"
import { readPatternList } from "../../src/Protocol/PatternList.ts"

export const loadPatterns = async (): Promise<PatternList> => {
  const response = await fetch("/patterns.json")
  const list = response.ok ? readPatternList(await response.json()) : undefined
  if (list === undefined) throw new Error(`/patterns.json: ${response.status}`)
  return list
}
