/**
 * Rules as people write them: `B3/S23`, `S23/B3`, `B3S23`, `23/3` (survival first), with `V` or `H` behind for the
 * von Neumann and hexagonal neighbourhoods, or a well-known name. What is accepted follows Golly.
 */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import { directions, type Neighbourhood } from "./Neighbourhood.ts"
import * as Printable from "./Printable.ts"
import * as Rule from "./Rule.ts"
import * as Suggestion from "./Suggestion.ts"

export class RuleError extends Schema.TaggedError<RuleError>()("RuleError", {
  text: Schema.String,
  reason: Schema.String
}) {
  override get message(): string {
    return `Rule ${Printable.quote(this.text)}: ${this.reason}. Write it like B3/S23 or 23/3, or by name: ${Object.keys(names).join(", ")}`
  }
}

/** Well-known rules; blanks, case and punctuation of a name do not matter. */
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
  "34 Life": "B34/S34"
}

const simplify = (name: string): string => name.toLowerCase().replace(/and|[^a-z0-9]/g, "")

const byName: ReadonlyMap<string, string> = new Map(
  Object.entries(names).map(([name, rule]) => [simplify(name), rule] as const)
)

const suffixes: { readonly [N in Neighbourhood]: string } = { Moore: "", VonNeumann: "V", Hexagonal: "H" }

/** The one way this project writes a rule: `B3/S23`, `B13/S012V`. */
export const format = (rule: Rule.Rule): string =>
  `B${formatCounts(rule.birth)}/S${formatCounts(rule.survival)}${suffixes[rule.neighbourhood]}`

const formatCounts = (mask: number): string => [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((n) => (mask >>> n) & 1).join("")

export const parse = (text: string): Either.Either<Rule.Rule, RuleError> => {
  const fail = (reason: string) => Either.left(new RuleError({ text, reason }))
  const written = (byName.get(simplify(text)) ?? text).replace(/\s/g, "").toUpperCase()
  if (written === "") return fail("it is empty")

  if (/^[A-Z&'-]{3,}$/.test(written) && !/^[BS]*[VH]?$/.test(written)) {
    const meant = Suggestion.nearest(text.trim(), Object.keys(names))
    return fail(`no rule has this name${meant === undefined ? "" : `; did you mean ${meant}?`}`)
  }

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
    if (body.split(mark).length > 2) return fail(`"${mark}" is there twice`)
  }
  if (!/[BS/]/.test(body)) return fail("it needs a slash, or the letters B and S, to tell birth from survival")

  const parts = split(body)
  const birth = parts.find((part) => part.startsWith("B")) ?? parts.find((part) => !part.startsWith("S"))
  const survival = parts.find((part) => part !== birth)
  // Without any letter the first part is survival: 23/3 is B3/S23.
  const [born, survives] = /[BS]/.test(body) ? [birth, survival] : [parts[1], parts[0]]
  const misplaced = [born, survives].find((part) => part !== undefined && !/^[BS]?[0-8]*$/.test(part))
  if (misplaced !== undefined)
    return fail(`"${misplaced}" mixes birth and survival, or has its letter behind the counts`)
  return Either.right(Rule.make(countsOf(born), countsOf(survives), neighbourhood))
}

/** The one or two halves of a rule: at the slash, or else in front of the second letter. */
const split = (body: string): ReadonlyArray<string> => {
  if (body.includes("/")) return body.split("/")
  const second = body.search(/(?<=.)[BS]/)
  return second === -1 ? [body] : [body.slice(0, second), body.slice(second)]
}

const countsOf = (part: string | undefined): ReadonlyArray<number> =>
  [...(part ?? "")].filter((char) => char !== "B" && char !== "S").map(Number)

const problemOf = (body: string, index: number): string => {
  const char = body[index]!
  if (char === "V" || char === "H") return `${char} for the neighbourhood must be the last letter`
  const found = `found ${Printable.charAt(body, index)}`
  return /[A-Z-]/.test(char) ? `${found}; only outer-totalistic rules (counts 0 to 8) are known` : found
}
