/**
 * What takes long and seldom breaks, run each night and before a release: the tests of the benches, games of hundreds of steps, kills, and
 * floods; what is read and written through Node's streams; the documentation site; the one-file executable; a fast part on the newest Node.
 */
import * as Effect from "effect/Effect"
import * as Nodes from "./Nodes.ts"
import { conclude, runScript, runStage, runTests, type Stage } from "./Stage.ts"

const withBuild = { EFFECT_C10K_BUILT: "true" }

const stages: ReadonlyArray<Stage> = [
  { name: "build", command: ["npm", "run", "--silent", "build"] },
  { name: "documentation site", command: ["tsx", "scripts/site.ts"] },
  // npm has the binaries of Node for this system only. The executable uses the newest one, which the stage before it installs.
  ...(Nodes.isSupported
    ? [
        {
          name: `the fast part on Node ${Nodes.newest.version}`,
          command: ["tsx", "scripts/testNodes.ts", "--newest"] as const,
          env: withBuild
        },
        { name: "one-file executable", command: ["tsx", "scripts/executable.ts", "--check"] as const }
      ]
    : [])
]

Effect.gen(function* () {
  const ran = yield* Effect.forEach(stages, runStage)
  const tests = yield* runTests("long tests", ["--project", "long", "--project", "streams"], withBuild)
  yield* conclude(ran, [tests])
}).pipe(runScript)
