/** The format of log lines, which go to standard error: for people or for programs. */
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Logger from "effect/Logger"
import * as LineOutput from "./LineOutput.ts"

export type LogFormat = "text" | "json"

/** `2026-01-31T12:00:00.000Z WARN Connection refused cause=origin status=403` */
const text = Logger.make<unknown, string>(({ annotations, cause, date, logLevel, message }) => {
  const words = Array.isArray(message) ? message : [message]
  const fields = [...HashMap.entries(annotations)].sort(([a], [b]) => (a < b ? -1 : 1))
  const line = [
    date.toISOString(),
    logLevel.label,
    ...words.map(String),
    ...fields.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${quoted(String(value))}`)
  ].join(" ")
  return cause._tag === "Empty" ? line : `${line}\n${String(cause)}`
})

const quoted = (value: string): string => (/^[^\s"\\]+$/.test(value) ? value : JSON.stringify(value))

/** Runs an effect whose log lines are written in this format only. */
export const withFormat = (format: LogFormat) =>
  Effect.locally(
    FiberRef.currentLoggers,
    HashSet.make(Logger.map(format === "json" ? Logger.jsonLogger : text, LineOutput.to(process.stderr)))
  )
