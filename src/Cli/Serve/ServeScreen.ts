/**
 * The lines of `serve` on a terminal, apart from `ServeHandler` because their test draws on a terminal of its own. The last
 * line has the server's address and how far the present game is, and is drawn anew. So the address stays in sight however many
 * workers come.
 */
import * as Layer from "effect/Layer"
import { ServerConsole } from "../../Server/Operations/ServerConsole.ts"

interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly write: (text: string) => unknown
}

const ERASE = "\u001b[2K"

export const make = (terminal: Terminal) => {
  let address = ""
  let now = ""
  // The cursor stays at the start of the line, so that a line of the log is written over it.
  const status = (): string =>
    now === "" ? "" : `${ERASE}${`${address}  ${now}`.slice(0, (terminal.columns || 80) - 1)}\r`
  return ServerConsole.of({
    unsafeLine: (text) => {
      address = /\bhttps?:\/\/\S+/.exec(text)?.[0] ?? address
      if (/has ended/.test(text)) now = "no game is running"
      terminal.write(`${ERASE}${text}\n${status()}`)
    },
    unsafeProgress: (text, then = text) => {
      now = then.trim()
      terminal.write(status())
    }
  })
}

/** Where lines can't be drawn anew, each is written. */
export const layer: Layer.Layer<ServerConsole> = Layer.suspend(() =>
  process.stdout.isTTY && process.env["TERM"] !== "dumb"
    ? Layer.sync(ServerConsole, () => {
        process.stdout.on("error", () => {})
        return make(process.stdout)
      })
    : ServerConsole.layer
)
