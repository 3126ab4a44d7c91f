/** The static checks: types, format and lint, import directions, unused code. */
import type { Stage } from "./Stage.ts"

/**
 * Compilers make many objects that they soon drop. With a large young generation Node collects them less often: the check of types with
 * Effect's diagnostics takes a quarter less CPU time.
 */
export const largeYoungGeneration = {
  NODE_OPTIONS: `${process.env["NODE_OPTIONS"] ?? ""} --max-semi-space-size=128`.trim()
}

/** TypeScript caches its results, so that the next check reads only what has changed. */
const tsc = (name: string, project: string): Stage => ({
  name,
  command: [
    "tsc",
    "--project",
    project,
    "--incremental",
    "--tsBuildInfoFile",
    `node_modules/.cache/effect-c10k/${name.replaceAll(/\W/g, "-")}.json`
  ],
  env: largeYoungGeneration
})

/** The types of everything except the pages, with Effect's own diagnostics. */
export const effectTypes: Stage = {
  name: "types and Effect's diagnostics",
  command: ["tsx", "scripts/effectTypes.ts", "--project", "tsconfig.json"],
  env: largeYoungGeneration
}

export const otherChecks: ReadonlyArray<Stage> = [
  tsc("types of the pages", "static"),
  tsc("types of the pages' tests", "test/Page"),
  { name: "format and lint", command: ["biome", "check", "--error-on-warnings"] },
  {
    name: "import directions",
    command: ["depcruise", "src", "static", "bench", "scripts", "test", "--output-type", "err-long"]
  },
  { name: "nothing unused", command: ["knip"] }
]

export const staticChecks: ReadonlyArray<Stage> = [tsc("types", "tsconfig.json"), ...otherChecks]
