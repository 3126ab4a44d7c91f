import * as Option from "effect/Option"
import type * as ParseResult from "effect/ParseResult"
import * as AST from "effect/SchemaAST"
import * as Suggestion from "../../Text/Suggestion.ts"
import { PLACE } from "./Step.ts"

/** The members and indices that lead to a place. */
export type Path = ReadonlyArray<PropertyKey>

/** What is wrong with a scenario, and where. */
export interface Problem {
  readonly path: Path
  readonly message: string
}

interface Issue extends Problem {
  /** Whether the value has another kind than all that are allowed, so that another alternative may have been meant. */
  readonly isKind: boolean
}

const SHOWN = 60

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text
}

const some = (names: ReadonlyArray<string>, most: number): string =>
  names.length > most ? `${names.slice(0, most).join(", ")} ...` : names.join(", ")

const isOptional = ({ isOptional, type }: AST.PropertySignature): boolean =>
  isOptional || (AST.isUnion(type) && type.types.some(AST.isUndefinedKeyword))

const fieldsOf = (signatures: ReadonlyArray<AST.PropertySignature>): string => {
  const [required, optional] = [false, true].map((which) =>
    signatures.filter((one) => isOptional(one) === which).map(({ name }) => String(name))
  ) as [Array<string>, Array<string>]
  if (required.length === 0) return `fields such as ${some(optional, 4)}`
  const fields = `the field${required.length > 1 ? "s" : ""} ${required.join(" and ")}`
  return optional.length === 0 ? fields : `${fields}, and perhaps ${some(optional, 4)}`
}

/** A name such as "a time such as 2s" says more than what it is made of. */
const named = (ast: AST.Annotated): string | undefined =>
  [AST.getTitleAnnotation(ast), AST.getIdentifierAnnotation(ast)]
    .flatMap(Option.toArray)
    .find((name) => /^an? /.test(name))

/** What a value may be, in the words of YAML. */
const kindsOf = (ast: AST.AST): ReadonlyArray<string> => {
  const name = named(ast)
  if (name !== undefined) return [name]
  switch (ast._tag) {
    case "StringKeyword":
    case "TemplateLiteral":
      return ["a text"]
    case "NumberKeyword":
      return ["a number"]
    case "BooleanKeyword":
      return ["true or false"]
    case "Literal":
      return [typeof ast.literal === "string" ? ast.literal : String(ast.literal)]
    case "TupleType":
      return ["a list"]
    case "TypeLiteral":
      return ast.propertySignatures.length === 0 ? ["names with values"] : [fieldsOf(ast.propertySignatures)]
    case "Union":
      return [...new Set(ast.types.flatMap(kindsOf))]
    case "Refinement":
    case "Transformation":
      return kindsOf(ast.from)
    case "Suspend":
      return kindsOf(ast.f())
    case "UndefinedKeyword":
      return []
    default:
      return ["a value"]
  }
}

/** `undefined` is what an optional field has if it is absent. */
const expected = (ast: AST.AST, actual: unknown): string => {
  const kinds = kindsOf(ast)
  const all = kinds.length < 2 ? kinds.join("") : `${kinds.slice(0, -1).join(", ")} or ${kinds.at(-1)}`
  return `expected ${all}, but found ${show(actual)}`
}

/** The message that a schema states itself. */
const ownMessage = (issue: ParseResult.ParseIssue): string | undefined => {
  if (issue._tag === "Type" && issue.message !== undefined) return issue.message
  if (!("ast" in issue)) return undefined
  const message = Option.map(AST.getMessageAnnotation(issue.ast), (say) => say(issue))
  return Option.isSome(message) && typeof message.value === "string" ? message.value : undefined
}

const ruleOf = ({ actual, ast }: ParseResult.Refinement): string => {
  const rule = Option.getOrElse(AST.getDescriptionAnnotation(ast), () => "another value")
  return `expected ${rule.replace(/^an array of at least (\d+) item\(s\)$/, "a list with at least $1 entry")}, but found ${show(actual)}`
}

/** What is wrong with a field that a place does not have. */
export const unknownField = (name: string, known: ReadonlyArray<string>): string => {
  const meant = Suggestion.nearest(name, known)
  const all = known.length === 0 ? "" : `; expected ${known.join(", ")}`
  return `there is no such field${meant === undefined ? all : `; did you mean ${meant}?`}`
}

/** The names of all fields that a place may have. */
const namesIn = (ast: AST.AST): ReadonlyArray<string> => {
  if (AST.isTypeLiteral(ast)) return ast.propertySignatures.map(({ name }) => String(name))
  if (AST.isUnion(ast)) return [...new Set(ast.types.flatMap(namesIn))]
  if (AST.isRefinement(ast) || AST.isTransformation(ast)) return namesIn(ast.from)
  return AST.isSuspend(ast) ? namesIn(ast.f()) : []
}

/** The issues in one. `around` is the schema in which it is. */
const issuesIn = (issue: ParseResult.ParseIssue, path: Path, around: AST.AST): ReadonlyArray<Issue> => {
  const message = ownMessage(issue)
  const one = (text: string, isKind = false): ReadonlyArray<Issue> => [{ path, message: text, isKind }]
  switch (issue._tag) {
    case "Pointer":
      return issuesIn(issue.issue, [...path, ...(Array.isArray(issue.path) ? issue.path : [issue.path])], around)
    case "Composite": {
      const { actual, ast, issues } = issue
      const all = (Array.isArray(issues) ? issues : [issues]).flatMap((each) => issuesIn(each, path, ast))
      // If no alternative fits at all, the user is told all of them.
      const isNone = AST.isUnion(ast) && all.every((each) => each.isKind && each.path.length === path.length)
      return isNone ? one(message ?? expected(ast, actual), true) : all
    }
    case "Refinement":
      if (issue.kind === "Predicate" && message !== undefined) return one(message)
      return issue.kind === "Predicate" && issue.issue._tag === "Type"
        ? one(ownMessage(issue.issue) ?? ruleOf(issue))
        : issuesIn(issue.issue, path, issue.ast)
    case "Transformation":
      return issuesIn(issue.issue, path, issue.ast)
    case "Missing":
      return one("is missing")
    case "Unexpected":
      return one(
        unknownField(
          String(path.at(-1)),
          namesIn(around).filter((name) => name !== PLACE)
        )
      )
    case "Forbidden":
      return one("is not allowed")
    case "Type":
      return message === undefined ? one(expected(issue.ast, issue.actual), true) : one(message)
  }
}

/**
 * The problem that tells the user most, in place of the words of the schema. A deep one tells more than one at the top, because an
 * alternative that the user did not mean fails at its top. At the same place, a broken rule tells more than a value of another kind.
 */
export const worst = ({ issue }: ParseResult.ParseError): Problem => {
  const rank = ({ isKind, path }: Issue) => 2 * path.length + (isKind ? 0 : 1)
  return issuesIn(issue, [], AST.unknownKeyword).reduce((a, b) => (rank(b) > rank(a) ? b : a))
}

/** A path as users write it: `steps[2].send`. */
export const fieldOf = (path: Problem["path"]): string =>
  path
    .map((key) => (typeof key === "number" ? `[${key + 1}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")

/** The same problem in one line, without the place of the whole value. */
export const describe = (error: ParseResult.ParseError): string => {
  const { message, path } = worst(error)
  return path.length === 0 ? message : `${fieldOf(path)}: ${message}`
}
