/**
 * The files that a run writes; `-` is standard output. They are opened before the run, so that a path that can't be written is
 * reported before anything is lost. If one file fails, the others are still written. A file that was made for nothing is removed.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as FileProblem from "../Text/FileProblem.ts"
import * as Output from "./Output.ts"
import { UserError } from "./UserError.ts"

export interface OutputFile {
  readonly write: (content: string) => Effect.Effect<void, UserError>
}

/** Standard output, as the value of an option. */
export const STANDARD_OUTPUT = "-"

export const isStandardOutput = (place: Option.Option<string>): boolean => Option.contains(place, STANDARD_OUTPUT)

const cannotWrite =
  (option: string, place: string) =>
  (error: PlatformError): UserError =>
    UserError.of(`${option} ${place}: ${FileProblem.describe(error, "written")}`)

const standardOutput = Effect.map(
  Output.Output,
  ({ results }): OutputFile => ({ write: (content) => Effect.sync(() => results.unsafeWrite(content)) })
)

const openFile = Effect.fn("OutputFiles.openFile")(function* (option: string, place: string) {
  const fs = yield* FileSystem.FileSystem
  const failed = cannotWrite(option, place)
  let isUseless = yield* Effect.map(
    Effect.orElseSucceed(fs.exists(place), () => true),
    (exists) => !exists
  )
  // A run that ends before it has a result leaves no file behind that looks like one.
  yield* Effect.addFinalizer(() => (isUseless ? Effect.ignore(fs.remove(place)) : Effect.void))
  const file = yield* Effect.mapError(fs.open(place, { flag: "a" }), failed)
  // A pipe or a device has no length.
  const clear = Effect.flatMap(file.stat, ({ type }) => (type === "File" ? file.truncate(0) : Effect.void))
  const add = (content: string | Uint8Array) =>
    Effect.suspend(() => {
      isUseless = false
      return Effect.mapError(file.writeAll(typeof content === "string" ? Buffer.from(content) : content), failed)
    })
  return { add, clear: Effect.mapError(clear, failed) }
})

/** Opens a file. Each `write` replaces its content. Until the first one the old content stays. `option` is for errors. */
export const open = Effect.fn("OutputFiles.open")(function* (option: string, place: Option.Option<string>) {
  if (Option.isNone(place)) return Option.none<OutputFile>()
  if (isStandardOutput(place)) return Option.some(yield* standardOutput)
  const { add, clear } = yield* openFile(option, place.value)
  return Option.some<OutputFile>({ write: (content) => Effect.zipRight(clear, add(content)) })
})

/** Opens a file to write later. Its old content stays until `clear`. */
export const reserve = openFile

/** Opens and empties a file. Each `write` appends. */
export const appendTo = Effect.fn("OutputFiles.appendTo")(function* (option: string, place: string) {
  if (place === STANDARD_OUTPUT) return yield* standardOutput
  const { add, clear } = yield* openFile(option, place)
  yield* clear
  return { write: add } satisfies OutputFile
})

/** Writes all files. Files that can't be written do not prevent the others; the error names them all. */
export const writeAll = Effect.fn("OutputFiles.writeAll")(function* (
  files: ReadonlyArray<readonly [Option.Option<OutputFile>, () => string]>
) {
  const [wrong] = yield* Effect.partition(files, ([file, content]) =>
    Option.isNone(file) ? Effect.void : file.value.write(content())
  )
  if (wrong.length > 0) return yield* UserError.of(wrong.map(({ message }) => message).join("\n"))
})
