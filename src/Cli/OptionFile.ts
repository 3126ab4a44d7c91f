import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { UserError } from "./UserError.ts"

/** The text of a file that an option names, such as certificates for `ca`. */
export const read = Effect.fn("OptionFile.read")(function* (option: string, path: string) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.mapError(
    fs.readFileString(path),
    ({ message }) => new UserError({ message: `--${option} ${path}: it cannot be read (${message})` })
  )
})
