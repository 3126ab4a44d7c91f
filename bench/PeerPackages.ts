import * as path from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type { BenchError } from "./BenchError.ts"
import { modified } from "./Compile.ts"
import { peersFolder, root } from "./Contender.ts"
import * as ProcessTree from "./ProcessTree.ts"

/** Installs the packages of a folder, if they are missing: the versions that its `package.json` pins, and what npm resolves for these. */
export const installIn = (folder: string): Effect.Effect<void, BenchError> =>
  Effect.suspend(() => {
    const wanted = modified(path.join(folder, "package.json"))
    if (modified(path.join(folder, "node_modules", ".package-lock.json")) > wanted) return Effect.void
    return Effect.zipRight(
      Console.error(`Installing the packages of ${path.relative(root, folder)} ...`),
      ProcessTree.run({
        command: "npm",
        args: ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd: folder
      })
    )
  })

/** Installs the peers' packages and autocannon. */
export const install: Effect.Effect<void, BenchError> = installIn(peersFolder)
