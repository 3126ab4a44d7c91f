/** Offers the pattern library to the watch page. */
import { basename, relative } from "node:path"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type { PatternList } from "../../Protocol/PatternList.ts"
import { StartOffer } from "../../Server/Pages/StartOffer.ts"

/** How this program was started, with `life` in place of its command: `npx tsx src/main.ts life`. */
export const lifeCommand = (script: string, folder: string): string => {
  // The one-file executable is its own script.
  if (script === process.execPath) return `${script} life`
  const path = relative(folder, script)
  if (script.endsWith(".ts")) return `npx tsx ${path} life`
  return basename(script) === "effect-c10k" ? "npx effect-c10k life" : `node ${path} life`
}

/** What reads patterns is loaded when a page first asks, so that it does not delay the start of the server. */
const entries = Effect.flatMap(
  Effect.promise(() => import("./LibraryEntries.ts")),
  ({ read }) => read
)

const make = (hasControl: boolean, isReplay: boolean) =>
  Effect.gen(function* () {
    const runtime = yield* Effect.runtime<FileSystem.FileSystem | Path.Path>()
    const read = entries.pipe(
      // A library that cannot be read is no reason not to serve: the page then offers random cells and drawings.
      Effect.catchAll((error) => Effect.as(Effect.logWarning(error.message), [])),
      Effect.map(
        (patterns): PatternList => ({
          command: lifeCommand(process.argv[1] ?? "", process.cwd()),
          hasControl,
          patterns
        })
      )
    )
    // In a fiber of its own, because the page that asks first may leave, and the result is for all.
    let reading: Fiber.RuntimeFiber<PatternList> | undefined
    const list = Effect.suspend(() => {
      reading ??= Runtime.runFork(runtime)(read)
      return Effect.flatten(Fiber.await(reading))
    })
    return StartOffer.of({ hasControl, isReplay, list })
  })

export const layer = (options: { readonly hasControl: boolean; readonly isReplay?: boolean }) =>
  Layer.effect(StartOffer, make(options.hasControl, options.isReplay ?? false))
