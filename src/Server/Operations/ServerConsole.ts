/** Lines about games, for the person who started the server. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import * as LineLimit from "./LineLimit.ts"
import * as LineOutput from "./LineOutput.ts"

/**
 * The most lines in a second, of all games together. Whoever may begin games could otherwise fill the disk on which they are
 * kept. A large game writes 200 while it begins.
 */
const LINES = 300

export class ServerConsole extends Context.Tag("effect-c10k/Server/ServerConsole")<
  ServerConsole,
  {
    readonly unsafeLine: (text: string) => void
    /** A line that the next one may replace, where lines can be replaced. `now` is what is true from then on, if the line does not say it. */
    readonly unsafeProgress: (text: string, now?: string) => void
  }
>() {
  /** Every line is written. */
  static readonly plain = (unsafeLine: (text: string) => void): ServerConsole["Type"] => ({
    unsafeLine,
    unsafeProgress: (text) => unsafeLine(text)
  })

  static readonly layer: Layer.Layer<ServerConsole> = Layer.scoped(
    ServerConsole,
    Effect.suspend(() => limited(LineOutput.to(process.stdout)))
  )

  /** Writes the lines to the log, for programs that read the log. */
  static readonly layerLog: Layer.Layer<ServerConsole> = Layer.scoped(
    ServerConsole,
    Effect.flatMap(Effect.runtime(), (runtime) => limited((text) => Runtime.runSync(runtime)(Effect.logInfo(text))))
  )

  static readonly layerSilent: Layer.Layer<ServerConsole> = Layer.sync(ServerConsole, () =>
    ServerConsole.plain(() => {})
  )
}

/** Writes at most `LINES` lines in a second, and then how many more there were. */
const limited = (unsafeLine: (text: string) => void) =>
  Effect.map(
    LineLimit.make(LINES, (count) => unsafeLine(`${count} more lines about games`)),
    (mayWrite) =>
      ServerConsole.plain((text) => {
        if (mayWrite()) unsafeLine(text)
      })
  )
