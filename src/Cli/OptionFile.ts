import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import * as FileProblem from "../Text/FileProblem.ts"
import { UserError } from "./UserError.ts"

const readAs = Effect.fn("OptionFile.read")(function* (name: string, path: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.mapError(fs.readFileString(path), (error) =>
    UserError.of(`${name}: ${FileProblem.describe(error, "read")}`)
  )
})

/** Reads the file of an option, such as certificates for `ca`. Fails with a `UserError`. */
export const read = (option: string, path: string) => readAs(`--${option} ${path}`, path)

/** Reads the file of an argument. Fails with a `UserError`. */
export const readArgument = (path: string) => readAs(path, path)
