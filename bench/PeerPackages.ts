import * as path from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { BenchError } from "./BenchError.ts"
import { modified } from "./Compile.ts"
import { peersFolder } from "./Contender.ts"
import * as ProcessTree from "./ProcessTree.ts"

/** Installs the peers' packages, and autocannon, from their lock file, unless they are there. */
export const install: Effect.Effect<void, BenchError> = Effect.suspend(() =>
  modified(path.join(peersFolder, "node_modules", ".package-lock.json")) >
  modified(path.join(peersFolder, "package-lock.json"))
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
