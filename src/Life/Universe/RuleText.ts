/**
 * Reads and writes rules, as Golly does: `B3/S23`, `S23/B3`, `B3S23`, `23/3` (survival first), or a well-known name. `V` or `H`
 * at the end means the von Neumann or the hexagonal neighbourhood. In `B2-a/S12` letters give the arrangement of the
 * neighbours (`Hensel.ts`). After a second slash is the number of states: `345/2/4`, or LifeWiki's `B2/S345/C4`.
 * https://golly.sourceforge.io/Help/Algorithms/QuickLife.html
 */
import * as Either from "effect/Either"
import { MAX_STATES } from "../../Protocol/Protocol0.ts"
import * as Suggestion from "../../Text/Suggestion.ts"
import * as Hensel from "./Hensel.ts"
import { directions, type Neighbourhood } from "./Neighbourhood.ts"
import * as Printable from "./Printable.ts"
import * as Rule from "./Rule.ts"

/** Well-known rules. Blanks, case and punctuation of a name do not matter. */
export const names: { readonly [name: string]: string } = {
  Life: "B3/S23",
  HighLife: "B36/S23",
  "Day & Night": "B3678/S34678",
  Seeds: "B2/S",
  LongLife: "B345/S5",
  Replicator: "B1357/S1357",
  "Life without Death": "B3/S012345678",
  Maze: "B3/S12345",
  Diamoeba: "B35678/S5678",
  "2x2": "B36/S125",
  Morley: "B368/S245",
  Anneal: "B4678/S35678",
  "34 Life": "B34/S34",
  "Just Friends": "B2-a/S12",
  tLife: "B3/S2-i34q",
  "Brian's Brain": "/2/3",
  "Star Wars": "345/2/4",
  Frogs: "12/34/3",
  Transers: "345/26/5",
  Bloomerang: "234/34678/24",
  Fireworks: "2/13/21"
}

const simplify = (name: string): string => name.toLowerCase().replace(/and|[^a-z0-9]/g, "")

const byName: ReadonlyMap<string, string> = new Map(
  Object.entries(names).map(([name, rule]) => [simplify(name), rule] as const)
)

const suffixes: { readonly [N in Neighbourhood]: string } = { Moore: "", VonNeumann: "V", Hexagonal: "H" }

/** Writes a rule in Golly's canonical form: `B3/S23`, `B13/S012V`, `B2-a/S12`, `345/2/4`. */
export const format = (rule: Rule.Rule): string => {
  const [birth, survival] = formatHalves(rule)
  const suffix = suffixes[rule.neighbourhood]
  return rule.states > 2 ? `${survival}/${birth}/${rule.states}${suffix}` : `B${birth}/S${survival}${suffix}`
}

const formatHalves = (rule: Rule.Rule): readonly [birth: string, survival: string] => {
  if (rule._tag === "OuterTotalistic") return [formatCounts(rule.birth), formatCounts(rule.survival)]
  const lives = (state: Rule.State) => Hensel.format((mask) => Rule.next(rule, state, mask) === 1)
  return [lives(0), lives(1)]
}

const formatCounts = (mask: number): string => [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((n) => (mask >>> n) & 1).join("")

/** A rule cannot be read. A plain class, because the page has it too, without Effect's schemas. */
export class RuleError extends Error {
  readonly _tag = "RuleError"
  override readonly name = "RuleError"
  readonly text: string
  readonly reason: string

  constructor({ reason, text }: { readonly text: string; readonly reason: string }) {
    super(
      `Rule ${Printable.quote(text)}: ${reason}. Write it like B3/S23, 23/3, B2-a/S12 or 345/2/4 (survival, birth, states), or by name: ${Object.keys(names).join(", ")}`
    )
    this.text = text
    this.reason = reason
  }
}

export const parse = (text: string): Either.Either<Rule.Rule, RuleError> =>
  Either.mapLeft(read(text), (reason) => new RuleError({ text, reason }))

/** Reads a rule. On the left: what is wrong with the text, for a message. */
export const read = (text: string): Either.Either<Rule.Rule, string> => {
  const fail = (reason: string) => Either.left(reason)
  const written = (byName.get(simplify(text)) ?? text).replace(/\s/g, "").toUpperCase()
  if (written === "") return fail("it is empty")

  if (/^[A-Z&'-]{3,}$/.test(written) && !/^[BS]*[VH]?$/.test(written)) {
    const meant = Suggestion.nearest(text.trim(), Object.keys(names))
    return fail(`no rule has this name${meant === undefined ? "" : `; did you mean ${meant}?`}`)
  }

  const [, transition = "", states = "", suffix = ""] = generations.exec(written) ?? []
  if (states === "") return readTransition(written)
  const count = Number(states)
  if (count < 2 || count > MAX_STATES)
    return fail(`found ${states} states after the second slash; a rule has from 2 to ${MAX_STATES} states`)
  return Either.map(readTransition(transition + suffix), (rule) => Rule.withStates(rule, count))
}

/** A rule with a number of states: `345/2/4`, `B2/S345/C4`, `34/2/4V`. */
const generations = /^([^/]*\/[^/]*)\/C?(\d+)([VH]?)$/

/** Reads the birth and survival counts. */
const readTransition = (written: string): Either.Either<Rule.Rule, string> => {
  const fail = (reason: string) => Either.left(reason)
  if (/[0-9]-?[ACEIJKNQRTWYZ]/.test(written)) return parseHensel(written)

  const neighbourhood: Neighbourhood = written.endsWith("V")
    ? "VonNeumann"
    : written.endsWith("H")
      ? "Hexagonal"
      : "Moore"
  const body = neighbourhood === "Moore" ? written : written.slice(0, -1)
  const largest = directions[neighbourhood].length

  const unknown = /[^0-9BS/]/.exec(body)
  if (unknown !== null) return fail(problemOf(body, unknown.index))
  const tooLarge = [...body].find((char) => /[0-9]/.test(char) && Number(char) > largest)
  if (tooLarge !== undefined) return fail(`found ${tooLarge}, but a cell has only ${largest} neighbours`)
  for (const mark of ["B", "S", "/"]) {
    if (body.split(mark).length > 2) return fail(`"${mark}" occurs twice`)
  }
  if (!/[BS/]/.test(body)) return fail(UNSEPARATED)

  const [born, survives] = halvesOf(body)
  const misplaced = [born, survives].find((part) => part !== undefined && !/^[BS]?[0-8]*$/.test(part))
  if (misplaced !== undefined)
    return fail(`"${misplaced}" mixes birth and survival, or its letter is not in front of the counts`)
  return Either.right(Rule.make(countsOf(born), countsOf(survives), neighbourhood))
}

/** A rule with letters after its counts: `B2-a/S12`, `B3/S2-i34q`, `2-i34q/3`. */
const parseHensel = (written: string): Either.Either<Rule.Rule, string> =>
  Either.gen(function* () {
    if (/[VH]$/.test(written))
      return yield* Either.left("letters after counts are possible only with eight neighbours, without V or H")
    if (written.split("/").length > 2) return yield* Either.left('"/" occurs twice')
    if (!/[BS/]/.test(written)) return yield* Either.left(UNSEPARATED)
    const [birth = "", survival = ""] = halvesOf(written)
    if (birth.startsWith("S") || survival.startsWith("B")) return yield* Either.left("birth or survival is given twice")
    const born = yield* conditionsOf(birth)
    const survives = yield* conditionsOf(survival)
    return Rule.isotropic((state, mask) => Hensel.isMet(state === 0 ? born : survives, mask))
  })

/** Reads one half of a rule: counts with the letters that are allowed or, after `-`, those that are not. Without letters all are allowed. */
const conditionsOf = (half: string): Either.Either<Hensel.Conditions, string> => {
  const body = half.replace(/^[BS]/, "").toLowerCase()
  const conditions = new Map<number, ReadonlySet<string>>()
  let at = 0
  while (at < body.length) {
    const [found, digit = "", sign = "", letters = ""] = /^([0-8])(-?)([a-z]*)/.exec(body.slice(at)) ?? [""]
    if (found === "") return Either.left(`found ${Printable.charAt(body, at)} where a count from 0 to 8 is expected`)
    const count = Number(digit)
    const known = Hensel.lettersOf(count)
    const wrong = [...letters].find((letter) => !known.includes(letter))
    if (wrong !== undefined)
      return Either.left(
        known.length === 0
          ? `found ${wrong} after ${count}, which takes no letters`
          : `found ${wrong} after ${count}, which takes the letters ${known.join("")}`
      )
    if (sign !== "" && letters === "") return Either.left(`- after ${count} needs letters`)
    const given = new Set(letters)
    const ways =
      letters === "" ? Hensel.everyWay(count) : new Set(known.filter((letter) => given.has(letter) === (sign === "")))
    conditions.set(count, new Set([...(conditions.get(count) ?? []), ...ways]))
    at += found.length
  }
  return Either.right(conditions)
}

const UNSEPARATED = "a slash, or the letters B and S, must separate birth from survival"

/** The halves of a rule: they end at the slash, or in front of the second letter. Without a letter, survival comes first. */
const halvesOf = (body: string): readonly [birth: string | undefined, survival: string | undefined] => {
  const second = body.search(/(?<=.)[BS]/)
  const parts = second < 0 || body.includes("/") ? body.split("/") : [body.slice(0, second), body.slice(second)]
  if (!/[BS]/.test(body)) return [parts[1], parts[0]]
  const birth = parts.find((part) => part.startsWith("B")) ?? parts.find((part) => !part.startsWith("S"))
  return [birth, parts.find((part) => part !== birth)]
}

const countsOf = (part: string | undefined): ReadonlyArray<number> =>
  [...(part ?? "")].filter((char) => char !== "B" && char !== "S").map(Number)

const problemOf = (body: string, index: number): string => {
  const char = body[index]!
  if (char === "V" || char === "H") return `${char} for the neighbourhood must be the last letter`
  const found = `found ${Printable.charAt(body, index)}`
  return /[A-Z-]/.test(char) ? `${found}; expected counts from 0 to 8, with letters after them as in B2-a/S12` : found
}
