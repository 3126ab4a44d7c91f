import { isUtf8 } from "node:buffer"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml"
import type { FileContent } from "./LoadPlan.ts"
import { fileKey } from "./Program.ts"
import { type Payload, Scenario, type Step } from "./Scenario.ts"
import * as YamlAliases from "./YamlAliases.ts"

/** A scenario file that cannot be used: one line with the file, the line in it, the field and what was expected there. */
class ScenarioFileError extends Schema.TaggedError<ScenarioFileError>()("ScenarioFileError", {
  message: Schema.String
}) {}

type Keys = ReadonlyArray<PropertyKey>

const fieldOf = (path: Keys): string =>
  path
    .map((key) => (typeof key === "number" ? `[${key + 1}]` : `.${String(key)}`))
    .join("")
    .replace(/^\./, "")

/** Where a field is written: its key where it has one, else the closest thing around it that is there. */
const offsetOf = (document: Document, path: Keys): number => {
  for (let length = path.length; length > 0; length--) {
    const parent = document.getIn(path.slice(0, length - 1), true)
    const key = path[length - 1]
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === key)
      if (pair !== undefined && isNode(pair.key) && pair.key.range) return pair.key.range[0]
    }
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}

/** Of all that a value violates, the deepest says most: an alternative that was not meant fails at its top. */
const worst = (error: ParseResult.ParseError): ParseResult.ArrayFormatterIssue =>
  ParseResult.ArrayFormatter.formatErrorSync(error).reduce((a, b) => (b.path.length > a.path.length ? b : a))

const decode = Schema.decodeUnknownEither(Scenario, { errors: "all", onExcessProperty: "error" })

/** A scenario from the text of a YAML or JSON file; the error is one line that begins `file:line:`. */
export const parse = (file: string, text: string): Either.Either<Scenario, string> => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [broken] = document.errors
  if (broken !== undefined) return Either.left(`${file}:${lines.linePos(broken.pos[0]).line}: ${broken.message}`)
  const plain = YamlAliases.read(document)
  if ("message" in plain) return Either.left(`${file}:${lines.linePos(plain.offset).line}: ${plain.message}`)
  return Either.mapLeft(decode(plain.value), (error) => {
    const { message, path } = worst(error)
    const line = Math.max(1, lines.linePos(offsetOf(document, path)).line)
    const field = path.length === 0 ? "" : `${fieldOf(path)}: `
    return `${file}:${line}: ${field}${message.replaceAll(/\s*\n\s*/g, " ")}`
  })
}

const filesIn = (steps: ReadonlyArray<Step>): ReadonlyArray<Payload & { readonly file: string }> =>
  steps.flatMap((step) => {
    if (step.repeat !== undefined) return filesIn(step.repeat.steps)
    const { send } = step
    return typeof send === "object" && send.file !== undefined ? [{ ...send, file: send.file }] : []
  })

type Content = typeof FileContent.Type

const contentOf = (bytes: Uint8Array, as: "text" | "binary" | undefined): Content =>
  (as ?? (isUtf8(bytes) ? "text" : "binary")) === "text"
    ? { text: Buffer.from(bytes).toString("utf8") }
    : { base64: Buffer.from(bytes).toString("base64") }

/** A scenario and the files that it sends, which it names relative to its own place. */
export const load = Effect.fn("ScenarioFile.load")(function* (file: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const cannotRead = (name: string) => (error: { readonly message: string }) =>
    new ScenarioFileError({ message: `${name}: cannot be read (${error.message})` })
  const text = yield* Effect.mapError(fs.readFileString(file), cannotRead(file))
  const scenario = yield* Either.mapLeft(parse(file, text), (message) => new ScenarioFileError({ message }))
  const files: Record<string, Content> = {}
  for (const payload of filesIn(scenario.steps)) {
    const place = path.resolve(path.dirname(file), payload.file)
    const bytes = yield* Effect.mapError(fs.readFile(place), cannotRead(payload.file))
    files[fileKey(payload)] = contentOf(bytes, payload.as)
  }
  return { scenario, files }
})
