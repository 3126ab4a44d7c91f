import * as Option from "effect/Option"
import * as Flag from "../Flag.ts"
import { gameOptions, runOptions } from "../Game/GameOptions.ts"
import { allowHost, host, port } from "../Serve/ServeOptions.ts"

/** The games of `--games` without a value. */
export const ALL = "acorn,gun,soup,brain,race,vote"

export const options = {
  ...{ host, port, allowHost },
  games: Flag.optionalText(
    "games",
    "NAMES",
    "Play several games in turn, for ever: some of acorn, gun, soup, brain, race and vote, separated by commas; all of them without a value. Each ends when its cells repeat, or after a while."
  ).pipe(Flag.withBare(ALL), Flag.inGroup("Several games")),
  ...gameOptions,
  ...runOptions
}

export type DemoOptions = Flag.Given<typeof options>

/** Steps per second without `--speed`: fast enough to look alive, slow enough to follow. */
export const SPEED = 4
/** The default pattern. It never ends and fits a square grid. */
const PATTERN = "galaxy"
const PATTERN_SIDE = 9

export const withPattern = (options: DemoOptions): DemoOptions => {
  const { density, height, seed, size, width } = options
  const isSmall = [size, width, height].some((side) => Option.isSome(side) && side.value < PATTERN_SIDE)
  const isRandom = isSmall || Option.isSome(density) || Option.isSome(seed)
  return options.patterns.length > 0 || isRandom ? options : { ...options, patterns: [PATTERN] }
}
