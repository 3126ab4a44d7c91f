/** Offers the pattern library to the watch page. */
import { basename, relative } from "node:path"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { PatternInfo } from "../../Life/Pattern/PatternInfo.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import * as Grid from "../../Life/Universe/Grid.ts"
import * as Rule from "../../Life/Universe/Rule.ts"
import * as RuleText from "../../Life/Universe/RuleText.ts"
import type { PatternEntry, PatternList } from "../../Protocol/PatternList.ts"
import { StartOffer } from "../../Server/Pages/StartOffer.ts"

/** The command line that starts `life` in the same way as this program was started, such as `npx tsx src/main.ts life`. */
export const lifeCommand = (script: string, folder: string): string => {
  const path = relative(folder, script)
  if (script.endsWith(".ts")) return `npx tsx ${path} life`
  return basename(script) === "effect-c10k" ? "npx effect-c10k life" : `node ${path} life`
}

/** "Glider, by Richard K. Guy. Spaceship, period 4. ..." */
const about = (info: PatternInfo): string => {
  const title = info.author === undefined ? info.title : `${info.title}, by ${info.author}`
  const facts = [
    info.kind,
    ...(info.period === undefined ? [] : [`period ${info.period}`]),
    ...(info.speed === undefined ? [] : [`speed ${info.speed}`]),
    ...(info.lifespan === undefined ? [] : [`${info.lifespan} steps`])
  ].filter((fact) => fact !== "")
  return [`${title}.`, ...(facts.length === 0 ? [] : [`${facts.join(", ")}.`]), ...info.explanation].join(" ")
}

const make = (hasControl: boolean) =>
  Effect.gen(function* () {
    const library = yield* PatternLibrary
    const entries = Effect.map(library.list, (entries) =>
      entries.map(
        ({ info, pattern }): PatternEntry => ({
          name: info.name,
          about: about(info),
          rows: Grid.toRows(pattern.grid),
          ...(pattern.rule === undefined || Rule.equals(pattern.rule, Rule.life)
            ? {}
            : { rule: RuleText.format(pattern.rule) })
        })
      )
    )
    // The library is read when a page asks for it first, so that reading does not delay the start of the server.
    const list = yield* Effect.cached(
      entries.pipe(
        // The server works without the library too: the page then offers random cells and drawings.
        Effect.catchAll((error) => Effect.as(Effect.logWarning(error.message), [])),
        Effect.map(
          (patterns): PatternList => ({
            command: lifeCommand(process.argv[1] ?? "", process.cwd()),
            hasControl,
            patterns
          })
        )
      )
    )
    return StartOffer.of({ list })
  })

export const layer = (options: { readonly hasControl: boolean }) =>
  Layer.effect(StartOffer, make(options.hasControl)).pipe(Layer.provide(PatternLibrary.layer))
