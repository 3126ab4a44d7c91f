import { basename } from "node:path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as Count from "../../../Text/Count.ts"
import * as Suggestion from "../../../Text/Suggestion.ts"
import * as OptionFile from "../../OptionFile.ts"
import * as Output from "../../Output.ts"
import { UserError } from "../../UserError.ts"
import { convertArtillery } from "./Artillery/Artillery.ts"
import { type Convert, Findings, render, type Unreadable } from "./Conversion.ts"
import type { ImportOptions } from "./ImportOptions.ts"

const tools: Readonly<Record<string, () => Promise<Convert>>> = {
  artillery: async () => convertArtillery,
  har: async () => (await import("./Har.ts")).convertHar,
  k6: async () => (await import("./K6/K6.ts")).convertK6
}

const toolOf = (name: string): Either.Either<() => Promise<Convert>, UserError> => {
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined
  if (tool !== undefined) return Either.right(tool)
  const meant = Suggestion.nearest(name, Object.keys(tools))
  const hint = meant === undefined ? `expected ${Object.keys(tools).join(" or ")}` : `did you mean ${meant}?`
  return Either.left(UserError.of(`files of ${name} can't be converted: ${hint}`))
}

export const run = Effect.fn("import")(function* ({ file, scenario, tool }: ImportOptions) {
  const load = yield* toolOf(tool)
  const text = yield* OptionFile.readArgument(file)
  const convert = yield* Effect.promise(load)
  const findings = new Findings()
  const at = ({ file: place = file, line, message }: Unreadable) => `${place}:${line}: ${message}`
  const converted = yield* Either.mapLeft(convert(text, findings, Option.getOrUndefined(scenario), file), (problem) =>
    UserError.of(at(problem))
  )
  const { refusals } = findings
  if (converted === undefined || refusals.length > 0) {
    yield* Output.note(...refusals.map(at))
    return yield* UserError.of(
      `${file} was not converted, because of the ${refusals.length === 1 ? "line" : `${Count.format(refusals.length)} lines`} above`
    )
  }
  const made = yield* Either.mapLeft(render(basename(file), tool, converted), (message) =>
    UserError.of(`${file}: ${message}`)
  )
  yield* Output.note(...findings.notes.map((note) => `note: ${at(note)}`))
  yield* Output.result(made.trimEnd())
})
