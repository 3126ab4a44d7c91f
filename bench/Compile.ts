import * as fs from "node:fs"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import { BenchError } from "./BenchError.ts"
import { peersFolder } from "./Contender.ts"
import * as ProcessTree from "./ProcessTree.ts"

/** The folder for compiled programs. It is in the peers' node_modules, which are in no commit either. */
const cache = path.join(peersFolder, "node_modules", ".cache")

/** The path of the program with this name. */
export const compiled = (name: string): string => path.join(cache, name)

/** The time of the last change in milliseconds; 0 if there is no such file. */
export const modified = (file: string): number => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0

/** The path of the program with this name. Compiles it unless it is newer than every file of the folder. */
export const compile = (
  name: string,
  folder: string,
  sources: ReadonlyArray<string>
): Effect.Effect<string, BenchError> =>
  Effect.gen(function* () {
    const target = compiled(name)
    const newest = Math.max(...fs.readdirSync(folder).map((file) => modified(path.join(folder, file))))
    if (modified(target) > newest) return target
    fs.mkdirSync(path.dirname(target), { recursive: true })
    const unfinished = `${target}.${process.pid}`
    const args = ["-O2", "-Wall", "-Wextra", "-o", unfinished, ...sources]
    yield* ProcessTree.run({ command: "gcc", args, cwd: folder }).pipe(
      Effect.mapError(
        (error) => new BenchError({ message: `${error.message} (Debian: apt-get install gcc libc6-dev)` })
      )
    )
    fs.renameSync(unfinished, target)
    return target
  })
