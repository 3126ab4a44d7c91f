/**
 * Makes the plan of a game from the options: its grid, rule and topology. Options that contradict each other are refused with a
 * `UserError` of one line.
 */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type * as LifeTransport from "../../Life/Game/LifeTransport.ts"
import type { Pattern } from "../../Life/Pattern/Pattern.ts"
import { PatternLibrary } from "../../Life/Pattern/PatternLibrary.ts"
import * as Placement from "../../Life/Pattern/Placement.ts"
import * as Grid from "../../Life/Universe/Grid.ts"
import * as Printable from "../../Life/Universe/Printable.ts"
import * as RandomStart from "../../Life/Universe/RandomStart.ts"
import * as Rule from "../../Life/Universe/Rule.ts"
import * as RuleText from "../../Life/Universe/RuleText.ts"
import * as Symmetry from "../../Life/Universe/Symmetry.ts"
import * as Topology from "../../Life/Universe/Topology.ts"
import * as TopologyText from "../../Life/Universe/TopologyText.ts"
import * as UniverseText from "../../Life/Universe/UniverseText.ts"
import * as Count from "../../Text/Count.ts"
import { UserError } from "../UserError.ts"
import { type GameChoice, MAX_CELLS } from "./GameOptions.ts"

export interface GamePlan {
  readonly start: Grid.Grid
  readonly rule: Rule.Rule
  readonly topology: Topology.Topology
  /** The seed of a random start. */
  readonly seed: number | undefined
  /** Whether the grid is larger than the default, because a pattern needs it. */
  readonly isGrown: boolean
}

/** The game that a server has. Options that are not given are taken from it. */
export type ExistingGame = Omit<LifeTransport.ServerGame, "phase">

const DEFAULT_SIZE = 32

/** The side of a grid for a pattern of this width or height: at each end a margin of a quarter, but at least 8 cells. */
const withMargin = (extent: number): number => extent + 2 * Math.max(8, Math.ceil(extent / 4))

const sizeOf = (choice: GameChoice) => {
  const [size, width, height] = [choice.size, choice.width, choice.height].map(Option.getOrUndefined)
  if (size !== undefined && width !== undefined && height !== undefined) {
    return Either.left(UserError.of("--size has no effect with --width and --height: leave it out"))
  }
  return Either.right({ width: width ?? size, height: height ?? size })
}

/** The value of an option for the nth pattern. An option that is given once is for all patterns; else it must be given for each. */
const each = <A>(
  option: string,
  values: ReadonlyArray<A>,
  patterns: number
): Either.Either<ReadonlyArray<A | undefined>, UserError> => {
  if (values.length <= 1) return Either.right(Array.from({ length: patterns }, () => values[0]))
  if (values.length === patterns) return Either.right(values)
  return Either.left(
    UserError.of(
      `${option} is given ${values.length} times, but there are ${patterns} patterns: give it once for all, or once for each`
    )
  )
}

const placeOf = (text: string): Either.Either<Placement.Place, Placement.PlaceError> =>
  /^cent(re|er)$/i.test(text) ? Either.right(Placement.centre) : Placement.parse(text)

const rotations = { "0": 0, "90": 90, "180": 180, "270": 270 } as const

const itemsOf = Effect.fn("GamePlan.items")(function* (choice: GameChoice) {
  const library = yield* PatternLibrary
  const { length } = choice.patterns
  if (length === 0) {
    const given = choice.at.length > 0 ? "--at" : choice.rotate.length > 0 ? "--rotate" : "--flip"
    if (choice.at.length + choice.rotate.length + choice.flip.length > 0)
      return yield* UserError.of(`${given} is for patterns: give one with -p`)
    return []
  }
  if (choice.noCenter && choice.at.length > 0)
    return yield* UserError.of("--no-center and --at contradict each other: give one of them")
  for (const [option, value] of [
    ["--density", choice.density],
    ["--seed", choice.seed],
    ["--symmetry", choice.symmetry]
  ] as const)
    if (Option.isSome<unknown>(value))
      return yield* UserError.of(`${option} is for a random start: leave out this option or the pattern`)
  if (choice.patterns.filter((name) => name === "-").length > 1)
    return yield* UserError.of("-p - is given twice: standard input can have only one pattern")
  const places = yield* each("--at", choice.at, length)
  const turns = yield* each("--rotate", choice.rotate, length)
  const flips = yield* each("--flip", choice.flip, length)
  return yield* Effect.forEach(choice.patterns, (name, index) =>
    Effect.gen(function* () {
      const pattern = yield* library.load(name)
      if (Grid.population(pattern.grid) === 0) {
        const source = name === "-" ? "standard input" : `Pattern ${Printable.quote(name)}`
        return yield* UserError.of(`${source}: it is empty; expected at least one living cell`)
      }
      const at = places[index]
      const flip = flips[index] ?? "none"
      return {
        name,
        pattern,
        item: {
          pattern: pattern.grid,
          place: at === undefined ? (choice.noCenter ? Placement.topLeft : Placement.centre) : yield* placeOf(at),
          rotate: rotations[turns[index] ?? "0"],
          ...(flip === "none" ? {} : { flip })
        }
      }
    })
  )
})

/** A setting of the patterns' files, which must all agree. `text` writes it for messages. */
const agreed = <A>(
  what: string,
  option: string,
  wishes: ReadonlyArray<A | undefined>,
  text: (wish: A) => string
): Either.Either<A | undefined, UserError> => {
  const known = wishes.filter((wish) => wish !== undefined)
  const other = known.find((wish) => text(wish) !== text(known[0]!))
  return other === undefined
    ? Either.right(known[0])
    : Either.left(
        UserError.of(
          `The patterns have different ${what}, ${text(known[0]!)} and ${text(other)}: choose with ${option}`
        )
      )
}

const ruleOf = (
  choice: GameChoice,
  patterns: ReadonlyArray<Pattern>,
  there: UniverseText.Universe | undefined
): Either.Either<Rule.Rule, UserError | RuleText.RuleError> => {
  if (Option.isSome(choice.rule)) return RuleText.parse(choice.rule.value)
  if (there?.rule !== undefined) return Either.right(there.rule)
  const rules = patterns.map(({ rule }) => rule)
  return Either.map(agreed("rules", "--rule", rules, RuleText.format), (rule) => rule ?? Rule.life)
}

/** The topology without its size. */
const edgesOf = (
  choice: GameChoice,
  patterns: ReadonlyArray<Pattern>,
  there: UniverseText.Universe | undefined
): Either.Either<TopologyText.Unsized | undefined, UserError | TopologyText.TopologyError> => {
  if (choice.noWrap && Option.isSome(choice.topology)) {
    return Either.left(UserError.of("--no-wrap and --topology contradict each other: give one of them"))
  }
  if (choice.noWrap) return TopologyText.parse("plane")
  if (Option.isSome(choice.topology)) return TopologyText.parse(choice.topology.value)
  if (there !== undefined) return Either.right(there.edges)
  const edges = patterns.map(({ topology }) => topology)
  return agreed("edges", "--topology", edges, ({ text }) => text)
}

/** Makes the plan. `present` is the server's game, if it is resumed. */
export const make = Effect.fn("GamePlan.make")(function* (choice: GameChoice, present?: ExistingGame) {
  const items = yield* itemsOf(choice)
  const patterns = items.map(({ pattern }) => pattern)
  const there =
    present === undefined || present.topology === "" ? undefined : yield* UniverseText.parse(present.topology)
  const rule = yield* ruleOf(choice, patterns, there)
  const unfit = items.find(({ item }) => Grid.highest(item.pattern) >= rule.states)
  if (unfit !== undefined)
    return yield* UserError.of(
      `Pattern ${Printable.quote(unfit.name)} has cells in state ${Grid.highest(unfit.item.pattern)}, but the rule ${RuleText.format(rule)} has only ${rule.states} states: choose a rule with more states with --rule, such as 345/2/4`
    )
  const edges = yield* edgesOf(choice, patterns, there)
  const asked = yield* sizeOf(choice)
  const cells = items.map(({ item }) => item)
  const room = Placement.roomFor(cells)
  const isFree = present === undefined && edges?.width.size === undefined && edges?.height.size === undefined
  const usual = isFree ? Math.max(DEFAULT_SIZE, room > DEFAULT_SIZE ? withMargin(room) : 0) : DEFAULT_SIZE
  const width = asked.width ?? present?.width ?? edges?.width.size ?? usual
  const height = asked.height ?? present?.height ?? edges?.height.size ?? usual
  if (present !== undefined && (present.width !== width || present.height !== height)) {
    return yield* otherGame(present, `${width} x ${height}`)
  }
  const topology = edges === undefined ? Topology.torus(width, height) : yield* TopologyText.sized(edges, width, height)
  if (width * height > MAX_CELLS) {
    return yield* UserError.of(`A grid of ${width} x ${height} has too many cells: expected at most ${MAX_CELLS}`)
  }
  if (items.length > 0) {
    const start = yield* Placement.placeAll(Grid.make(width, height), cells)
    const isGrown = usual > DEFAULT_SIZE && (asked.width === undefined || asked.height === undefined)
    return { start, rule, topology, seed: undefined, isGrown } satisfies GamePlan
  }
  const density = Option.getOrElse(choice.density, () => RandomStart.DEFAULT_DENSITY)
  const seed = Option.isSome(choice.seed) ? choice.seed.value : yield* Random.nextIntBetween(0, 1_000_000)
  const symmetry = Option.getOrElse(choice.symmetry, () => "C1" as const)
  if (Symmetry.needsSquare(symmetry) && width !== height) {
    return yield* UserError.of(`--symmetry ${symmetry} needs a square grid, not ${width} x ${height}: give --size`)
  }
  const start = RandomStart.make({ width, height, seed, density, symmetry })
  return { start, rule, topology, seed, isGrown: false } satisfies GamePlan
})

/** `54 x 54 cells (grown to fit the pattern), T54,54, B3/S23; 36 alive`. */
export const describe = ({ isGrown, rule, seed, start, topology }: GamePlan): string => {
  const living = Count.format(Grid.population(start))
  const from = seed === undefined ? `${living} alive` : `${living} alive at random, --seed ${seed}`
  const size = `${start.width} x ${start.height} cells${isGrown ? " (grown to fit the pattern)" : ""}`
  return `${size}, ${TopologyText.format(topology)}, ${RuleText.format(rule)}; ${from}`
}

/** Fails if the server's game has another size, topology or rule. A server may not know its topology and rule. */
export const ensureSame = ({ rule, topology }: GamePlan, present: ExistingGame): Effect.Effect<void, UserError> => {
  const known = [TopologyText.format(topology), UniverseText.format(rule, topology), ""]
  if (known.includes(present.topology) && present.stateCount === rule.states) return Effect.void
  const asked = `${topology.width} x ${topology.height} (${UniverseText.format(rule, topology)})`
  return Effect.fail(otherGame(present, asked))
}

const otherGame = ({ height, topology, width }: ExistingGame, asked: string): UserError =>
  UserError.of(
    `--resume: the server holds a game of ${width} x ${height} (${topology || "unknown topology"}), not of ${asked}: leave out the options for size, topology and rule, or start a new game without --resume`
  )
