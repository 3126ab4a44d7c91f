/** Lines about games, for the person who started the server. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as LineOutput from "./LineOutput.ts"

export class ServerConsole extends Context.Tag("effect-c10k/Server/ServerConsole")<
  ServerConsole,
  { readonly unsafeLine: (text: string) => void }
>() {
  static readonly layer: Layer.Layer<ServerConsole> = Layer.sync(ServerConsole, () => ({
    unsafeLine: LineOutput.to(process.stdout)
  }))

  /** Writes the lines to the log, for programs that read the log. */
  static readonly layerLog: Layer.Layer<ServerConsole> = Layer.effect(
    ServerConsole,
    Effect.map(Effect.runtime(), (runtime) => ({
      unsafeLine: (text) => Runtime.runSync(runtime)(Effect.logInfo(text))
    }))
  )

  /** Prints nothing. */
  static readonly layerSilent: Layer.Layer<ServerConsole> = Layer.succeed(ServerConsole, { unsafeLine: () => {} })

  /** Keeps the lines, for tests. */
  static readonly layerMemory = (lines: Array<string>): Layer.Layer<ServerConsole> =>
    Layer.succeed(ServerConsole, { unsafeLine: (text) => void lines.push(text) })
}
