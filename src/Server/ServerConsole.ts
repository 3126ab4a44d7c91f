/** Where the server tells what happens to the games: lines for the one who started it. */
import * as Context from "effect/Context"
import * as Layer from "effect/Layer"

export class ServerConsole extends Context.Tag("effect-c10k/Server/ServerConsole")<
  ServerConsole,
  { readonly unsafeLine: (text: string) => void }
>() {
  static readonly layer: Layer.Layer<ServerConsole> = Layer.sync(ServerConsole, () => {
    const write = (text: string) => process.stdout.write(`${text}\n`)
    return { unsafeLine: write }
  })

  /** Says nothing. */
  static readonly layerSilent: Layer.Layer<ServerConsole> = Layer.succeed(ServerConsole, { unsafeLine: () => {} })

  /** Keeps the lines, for tests. */
  static readonly layerMemory = (lines: Array<string>): Layer.Layer<ServerConsole> =>
    Layer.succeed(ServerConsole, { unsafeLine: (text) => void lines.push(text) })
}
