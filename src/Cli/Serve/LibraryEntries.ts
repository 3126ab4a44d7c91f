/** The patterns of the library as the watch page shows them. */
import * as Effect from "effect/Effect"
import type { PatternInfo } from "../../Life/Pattern/PatternInfo.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import * as Grid from "../../Life/Universe/Grid.ts"
import * as Rule from "../../Life/Universe/Rule.ts"
import * as RuleText from "../../Life/Universe/RuleText.ts"
import type { PatternEntry } from "../../Protocol/PatternList.ts"

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

export const read = Effect.flatMap(PatternLibrary, ({ list }) =>
  Effect.map(list, (entries) =>
    entries.map(
      ({ info, pattern }): PatternEntry => ({
        name: info.name,
        about: about(info),
        ...(info.kind === "" ? {} : { kind: info.kind }),
        rows: Grid.toRows(pattern.grid),
        ...(pattern.rule === undefined || Rule.equals(pattern.rule, Rule.life)
          ? {}
          : { rule: RuleText.format(pattern.rule) })
      })
    )
  )
).pipe(Effect.provide(PatternLibrary.layer))
