/** Where `--json` goes: a file, or standard output. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Output from "./Output.ts"
import { UserError } from "./UserError.ts"

/** Writes a value as a line of JSON. */
export type WriteJson = (value: unknown) => Effect.Effect<void, UserError>

/** Standard output, as an option's value. */
export const STANDARD_OUTPUT = "-"

export const isStandardOutput = (target: Option.Option<string>): boolean => Option.contains(target, STANDARD_OUTPUT)

/** Opens the file at once, so that one that can't be written ends the command before its work. */
export const open = Effect.fn("JsonOutput.open")(function* (
  target: Option.Option<string>
): Effect.fn.Return<WriteJson | undefined, UserError, FileSystem.FileSystem | Output.Output | Scope.Scope> {
  if (Option.isNone(target)) return undefined
  const output = yield* Output.Output
  if (isStandardOutput(target)) {
    return (value) => Effect.sync(() => output.results.unsafeWrite(`${JSON.stringify(value)}\n`))
  }
  const path = target.value
  const fs = yield* FileSystem.FileSystem
  const cannotBeWritten = ({ message }: { readonly message: string }) =>
    new UserError({ message: `--json ${path}: it cannot be written (${message})` })
  const file = yield* Effect.mapError(fs.open(path, { flag: "w" }), cannotBeWritten)
  const encoder = new TextEncoder()
  return (value) => Effect.mapError(file.writeAll(encoder.encode(`${JSON.stringify(value)}\n`)), cannotBeWritten)
})
