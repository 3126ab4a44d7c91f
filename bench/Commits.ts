import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { BenchError } from "./BenchError.ts"
import * as Contender from "./Contender.ts"
import * as ProcessTree from "./ProcessTree.ts"

/** Reads a range in the notation of git, `before..after`. */
export const parseRange = (range: string): Effect.Effect<readonly [before: string, after: string], BenchError> => {
  const [before, after] = range.split(/\.{2,}/)
  return before && after && range === `${before}..${after}`
    ? Effect.succeed([before, after])
    : new BenchError({ message: `--compare ${range}: expected two commits, BEFORE..AFTER` })
}

const git = (...args: ReadonlyArray<string>): Effect.Effect<string, BenchError> =>
  Effect.try({
    try: () =>
      execFileSync("git", args, { cwd: Contender.root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim(),
    catch: () => new BenchError({ message: `git ${args.join(" ")} failed: is that a commit of this repository?` })
  })

/** The tag that is nearest to the checked-out commit. */
export const lastTag: Effect.Effect<string, BenchError> = Effect.mapError(
  git("describe", "--tags", "--abbrev=0", "HEAD"),
  () => new BenchError({ message: "--gate: there is no tag before this commit: give --since COMMIT" })
)

const sameFile = (folder: string, file: string): boolean =>
  fs.readFileSync(path.join(folder, file), "utf8") === fs.readFileSync(path.join(Contender.root, file), "utf8")

/** Provides the packages of the commit's lock file: links the installed ones if the lock file is the same, else installs them. */
const installPackages = (folder: string): Effect.Effect<void, BenchError> =>
  sameFile(folder, "package-lock.json")
    ? Effect.sync(() => fs.symlinkSync(path.join(Contender.root, "node_modules"), path.join(folder, "node_modules")))
    : ProcessTree.run({ command: "npm", args: ["ci", "--no-audit", "--no-fund"], cwd: folder })

const build = (folder: string): Effect.Effect<void, BenchError> => {
  const text = fs.readFileSync(path.join(folder, "package.json"), "utf8")
  const { scripts } = JSON.parse(text) as { readonly scripts?: Readonly<Record<string, string>> }
  return scripts?.["build"] === undefined
    ? Effect.void // an old commit without a build is measured from its sources
    : ProcessTree.run({ command: "npm", args: ["run", "build"], cwd: folder })
}

/** A commit of this project as a contender: checked out in its own folder and built. The folder is removed when the scope closes. */
export const checkOut = (name: string, revision: string): Effect.Effect<Contender.Contender, BenchError, Scope.Scope> =>
  Effect.gen(function* () {
    const hash = yield* git("rev-parse", "--verify", "--short", `${revision}^{commit}`)
    const folder = yield* Effect.acquireRelease(
      Effect.gen(function* () {
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), `bench-${name}-`))
        yield* git("worktree", "add", "--detach", folder, hash)
        return folder
      }),
      (folder) => Effect.ignore(git("worktree", "remove", "--force", folder))
    )
    yield* Console.error(`Preparing ${hash} ...`)
    yield* installPackages(folder)
    yield* build(folder)
    return Contender.project(folder, name, `${name} (${hash})`)
  })
