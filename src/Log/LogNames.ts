/** What names of logs and keys may be: any engine can keep them. */
import * as Effect from "effect/Effect"
import { LogError } from "./LogError.ts"

const invalid = (detail: string) => Effect.fail(new LogError({ reason: "Failed", detail }))

/** Fails if a log can't have this name, or an entry this key. */
export const checkNames = (name: string, key: string | undefined): Effect.Effect<void, LogError> => {
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(name))
    return invalid(`the log's name ${JSON.stringify(name)}: expected 1 to 40 letters, digits, - and _`)
  const bytes = key === undefined ? 1 : new TextEncoder().encode(key).length
  return bytes >= 1 && bytes <= 128
    ? Effect.void
    : invalid(`the key ${JSON.stringify(key)} of the log ${name} has ${bytes} bytes: expected 1 to 128`)
}
