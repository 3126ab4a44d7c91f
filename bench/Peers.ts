import * as fs from "node:fs"
import * as path from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { BenchError } from "./BenchError.ts"
import { peersFolder } from "./Contender.ts"
import * as ProcessTree from "./ProcessTree.ts"

const modified = (file: string): number =>
  fs.statSync(path.join(peersFolder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0

/** Installs the peers' packages from their lock file, unless they are there. */
export const install: Effect.Effect<void, BenchError> = Effect.suspend(() =>
  modified("node_modules/.package-lock.json") > modified("package-lock.json")
    ? Effect.void
    : Effect.zipRight(
        Console.error("Installing the peers (bench/peers) ..."),
        ProcessTree.run({
          command: "npm",
          args: ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
          cwd: peersFolder
        })
      )
)
