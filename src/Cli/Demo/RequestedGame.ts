/** Makes a plan for the game that a page asks for. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import * as PatternText from "../../Life/Pattern/PatternText.ts"
import { cellsFile, type GameRequest, type Start } from "../../Protocol/Control.ts"
import { type GameChoice, noChoice } from "../Game/GameOptions.ts"
import * as GamePlan from "../Game/GamePlan.ts"

const choiceOf = ({ height, rule, start, topology, width }: GameRequest): GameChoice => ({
  ...noChoice,
  width: Option.some(width),
  height: Option.some(height),
  patterns: start.type === "random" ? [] : [start.type === "pattern" ? start.name : "the drawing"],
  // A drawing covers the whole grid.
  noCenter: start.type === "cells",
  topology: Option.some(topology),
  rule: Option.some(rule),
  density: start.type === "random" ? Option.some(start.density) : Option.none()
})

/** A page may use the patterns of the library, but no other files of this machine. */
const libraryFor = (start: Start) =>
  Effect.map(PatternLibrary, (library) =>
    PatternLibrary.of({
      ...library,
      load: start.type === "cells" ? (name) => PatternText.read(cellsFile(start.rle), name) : library.get
    })
  )

export const plan = Effect.fn("RequestedGame.plan")((game: GameRequest) =>
  Effect.provideServiceEffect(GamePlan.make(choiceOf(game)), PatternLibrary, libraryFor(game.start))
)
