import * as path from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { BenchError } from "./BenchError.ts"
import { modified } from "./Compile.ts"
import { peersFolder, root } from "./Contender.ts"
import * as ProcessTree from "./ProcessTree.ts"

/** Installs the packages of a folder from its lock file, if they are missing. */
export const installIn = (folder: string): Effect.Effect<void, BenchError> =>
  Effect.suspend(() =>
    modified(path.join(folder, "node_modules", ".package-lock.json")) > modified(path.join(folder, "package-lock.json"))
      ? Effect.void
      : Effect.zipRight(
          Console.error(`Installing the packages of ${path.relative(root, folder)} ...`),
          ProcessTree.run({
            command: "npm",
            args: ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd: folder
          })
        )
  )

/** Installs the peers' packages and autocannon. */
export const install: Effect.Effect<void, BenchError> = installIn(peersFolder)
