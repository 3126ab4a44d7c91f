/**
 * The files that a run leaves. They are opened before it, so that a place that cannot be written is told while nothing is
 * lost, and written one by one after it, so that one that fails does not cost the others.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Output from "../Output.ts"
import { UserError } from "../UserError.ts"

export interface OutputFile {
  readonly name: string
  readonly write: (content: string) => Effect.Effect<void, UserError, Output.Output>
}

/** Names standard output. */
export const STDOUT = "-"

const cannotWrite =
  (name: string) =>
  ({ message }: { readonly message: string }): UserError =>
    new UserError({ message: `${name}: cannot be written (${message})` })

const standardOutput: OutputFile = {
  name: STDOUT,
  write: (content) => Effect.map(Output.Output, ({ results }) => results.unsafeWrite(content))
}

const openFile = Effect.fn("OutputFiles.openFile")(function* (name: string) {
  const fs = yield* FileSystem.FileSystem
  const file = yield* Effect.mapError(fs.open(name, { flag: "a" }), cannotWrite(name))
  // A pipe or a device has no length.
  const clear = Effect.flatMap(file.stat, ({ type }) => (type === "File" ? file.truncate(0) : Effect.void))
  const add = (content: string) => Effect.mapError(file.writeAll(Buffer.from(content)), cannotWrite(name))
  return { add, clear: Effect.mapError(clear, cannotWrite(name)) }
})

/** Opens a file and leaves what is in it until there is something to write in its place. */
const openNamed = Effect.fn("OutputFiles.openNamed")(function* (name: string) {
  if (name === STDOUT) return standardOutput
  const { add, clear } = yield* openFile(name)
  return { name, write: (content) => Effect.zipRight(clear, add(content)) } satisfies OutputFile
})

/** Empties a file, to which each `write` adds. */
export const appendTo = Effect.fn("OutputFiles.appendTo")(function* (name: string) {
  if (name === STDOUT) return standardOutput
  const { add, clear } = yield* openFile(name)
  yield* clear
  return { name, write: add } satisfies OutputFile
})

export const open = (name: Option.Option<string>) =>
  Option.isNone(name) ? Effect.succeedNone : Effect.asSome(openNamed(name.value))

/** Writes all that can be written; the error tells of all others. */
export const writeAll = Effect.fn("OutputFiles.writeAll")(function* (
  files: ReadonlyArray<readonly [Option.Option<OutputFile>, () => string]>
) {
  const [wrong] = yield* Effect.partition(files, ([file, content]) =>
    Option.isNone(file) ? Effect.void : file.value.write(content())
  )
  if (wrong.length > 0) return yield* new UserError({ message: wrong.map(({ message }) => message).join("\n") })
})
