/** A field of a YAML or JSON script, with its value, path and line. */
import * as Either from "effect/Either"
import { type Document, LineCounter, parseDocument } from "yaml"
import * as ScenarioFile from "../../../../Echo/Scenario/ScenarioFile.ts"
import * as YamlAliases from "../../../../Echo/Scenario/YamlAliases.ts"
import type { Findings } from "../Conversion.ts"

interface Script {
  readonly document: Document
  readonly lines: LineCounter
  readonly findings: Findings
}

type Path = ReadonlyArray<string | number>

export class Field {
  readonly value: unknown
  readonly #path: Path
  readonly #script: Script

  constructor(value: unknown, path: Path, script: Script) {
    this.value = value
    this.#path = path
    this.#script = script
  }

  get line(): number {
    return Math.max(1, this.#script.lines.linePos(ScenarioFile.offsetOf(this.#script.document, this.#path)).line)
  }

  /** The member with this name; `undefined` if there is none or it is null. */
  member(name: string): Field | undefined {
    return this.members.find(([key]) => key === name)?.[1]
  }

  get isObject(): boolean {
    return typeof this.value === "object" && this.value !== null && !Array.isArray(this.value)
  }

  /** The members that are not null. */
  get members(): ReadonlyArray<readonly [name: string, field: Field]> {
    const { value } = this
    if (typeof value !== "object" || value === null || Array.isArray(value)) return []
    return Object.entries(value).flatMap(([key, entry]) =>
      entry === null || entry === undefined
        ? []
        : [[key, new Field(entry, [...this.#path, key], this.#script)] as const]
    )
  }

  /** The entries of a list. A single value counts as a list with one entry. */
  get entries(): ReadonlyArray<Field> {
    return Array.isArray(this.value)
      ? this.value.map((entry, index) => new Field(entry, [...this.#path, index], this.#script))
      : [this]
  }

  /** The value as text, if it is a text, a number or a boolean. */
  get text(): string | undefined {
    const { value } = this
    return typeof value === "string" ? value : isPlain(value) ? String(value) : undefined
  }

  refuse(message: string): undefined {
    this.#script.findings.refuse(this.line, message)
    return undefined
  }

  note(message: string): undefined {
    this.#script.findings.note(this.line, message)
    return undefined
  }
}

const isPlain = (value: unknown): value is number | boolean => typeof value === "number" || typeof value === "boolean"

/** Reads a whole script. On the left: the line and the reason of an error. */
export const read = (
  text: string,
  findings: Findings
): Either.Either<Field, { readonly line: number; readonly message: string }> => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number, message: string) =>
    Either.left({ line: Math.max(1, lines.linePos(offset).line), message })
  const [broken] = document.errors
  if (broken !== undefined) return at(broken.pos[0], broken.message)
  const plain = YamlAliases.read(document)
  if ("message" in plain) return at(plain.offset, plain.message)
  const root = new Field(plain.value, [], { document, lines, findings })
  return root.isObject ? Either.right(root) : at(0, "expected an object with config and scenarios")
}
