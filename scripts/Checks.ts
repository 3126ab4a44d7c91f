/** The static checks: types, format and lint, import directions, unused code. */
import type { Stage } from "./Stage.ts"

const types = (name: string, project: string): Stage => ({
  name,
  command: ["tsx", "scripts/types.ts", "--project", project]
})

export const staticChecks: ReadonlyArray<Stage> = [
  types("types and Effect's diagnostics", "tsconfig.json"),
  types("types of the pages", "static"),
  types("types of the pages' tests", "test/Page"),
  { name: "format and lint", command: ["biome", "check", "--error-on-warnings"] },
  {
    name: "import directions",
    command: ["depcruise", "src", "static", "bench", "scripts", "test", "--output-type", "err-long"]
  },
  { name: "nothing unused", command: ["knip"] }
]
