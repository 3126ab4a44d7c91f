/**
 * Runs the tests on each supported version of Node, one after the other: `npm run test:nodes`. `-- --only 20,26` chooses
 * versions, and `-- test/WebSocket` chooses tests. `npm test` runs this with `--newest`.
 */
import { join } from "node:path"
import { parseArgs } from "node:util"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { messageOf } from "../src/Text/Thrown.ts"
import * as Nodes from "./Nodes.ts"
import { countTests, reporting, runScript, runStage } from "./Stage.ts"

/** The tests of the parts that depend most on Node: sockets, HTTP and bytes. They take a few seconds. */
const fastPart = ["--project", "fast", "--project", "shared", "test/WebSocket/Frames", "test/WebSocket/Http"]

/** Prints what is wrong with the arguments and exits with status 1. */
const refuse = (reason: string): never => {
  console.error(`test:nodes: ${reason}; expected [--newest | --only 20,26] [paths of tests]`)
  process.exit(1)
}

const parse = () => {
  try {
    return parseArgs({ allowPositionals: true, options: { only: { type: "string" }, newest: { type: "boolean" } } })
  } catch (error) {
    return refuse(messageOf(error))
  }
}

const chosen = (only: string | undefined): ReadonlyArray<Nodes.NodeVersion> =>
  only === undefined
    ? Nodes.versions
    : only
        .split(",")
        .map(
          (major) =>
            Nodes.versions.find((each) => each.major === major) ??
            refuse(`there is no Node ${major}; the versions are ${Nodes.versions.map((each) => each.major).join(", ")}`)
        )

const testOn = Effect.fn("testOn")(function* (node: Nodes.NodeVersion, paths: ReadonlyArray<string>) {
  const report = yield* (yield* FileSystem.FileSystem).makeTempFileScoped({ suffix: ".json" })
  const vitest = ["node_modules/vitest/vitest.mjs", "run", ...reporting(report), ...paths]
  const { succeeded } = yield* runStage({
    name: `tests on Node ${node.version}`,
    command: [join(node.path, "node"), ...vitest],
    env: Nodes.environmentOf(node)
  })
  const { failed, passed } = yield* countTests(report)
  yield* Console.log(`                Node ${node.version}: ${passed} passed, ${failed} failed`)
  return succeeded && failed === 0 && passed > 0
}, Effect.scoped)

const { positionals, values } = parse()
const nodes = values.newest === true ? [Nodes.newest] : chosen(values.only)
const paths = positionals.length === 0 && values.newest === true ? fastPart : positionals

const program = Effect.gen(function* () {
  if (!Nodes.isSupported) return yield* Console.log("npm has no binaries of Node for this system: nothing was tested")
  yield* Effect.try(() => Nodes.install(nodes))
  const outcomes = yield* Effect.forEach(nodes, (node) => testOn(node, paths))
  if (outcomes.includes(false)) process.exitCode = 1
})

program.pipe(runScript)
