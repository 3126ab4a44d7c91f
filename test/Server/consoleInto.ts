/** A console that keeps its lines. */
import * as Layer from "effect/Layer"
import { ServerConsole } from "../../src/Server/Operations/ServerConsole.ts"

export const consoleInto = (lines: Array<string>): Layer.Layer<ServerConsole> =>
  Layer.succeed(
    ServerConsole,
    ServerConsole.plain((text) => void lines.push(text))
  )
