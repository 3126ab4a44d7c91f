/** Reads the nodes of a server at which a game can be played (`nodes.json`). */
import * as Http from "node:http"
import * as Https from "node:https"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"

/** Milliseconds that the server has to answer. Without an answer all cells connect to its address. */
const TIMEOUT = 2000
/** The most bytes of an answer. */
const MOST = 256 * 1024

const decode = Schema.decodeEither(
  Schema.parseJson(Schema.Struct({ nodes: Schema.Array(Schema.Struct({ url: Schema.String })) }))
)

/** The addresses in an answer that can be used. A secret that is sent by TLS is never sent without. */
export const addressesIn = (text: string, url: URL): ReadonlyArray<string> =>
  Either.match(decode(text), {
    onLeft: () => [],
    onRight: ({ nodes }) => {
      const parsed = nodes.map((node) => WebSocketUrl.parse(node.url))
      const usable = parsed.filter((node) => node !== undefined && (url.protocol === "ws:" || node.protocol === "wss:"))
      return [...new Set(usable.map((node) => node!.href))]
    }
  })

/** The addresses of the game at `url` on each node that says how it is reached. Empty if the server does not tell. */
export const read = (url: URL, ca: string | undefined): Effect.Effect<ReadonlyArray<string>> =>
  Effect.async<string>((resume) => {
    const address = WebSocketUrl.under(url, "nodes.json")
    address.protocol = url.protocol === "wss:" ? "https:" : "http:"
    const get = address.protocol === "https:" ? Https.get : Http.get
    const none = () => resume(Effect.succeed(""))
    const request = get(
      address,
      { timeout: TIMEOUT, agent: false, ...(ca === undefined ? {} : { ca }) },
      (response) => {
        let text = ""
        response.setEncoding("utf8")
        response.on("data", (chunk: string) => {
          text += chunk
          if (text.length > MOST) request.destroy()
        })
        response.once("end", () => resume(Effect.succeed(response.statusCode === 200 ? text : "")))
        response.once("error", none)
        response.once("close", none)
      }
    )
    request.once("error", none)
    request.once("timeout", () => request.destroy())
    return Effect.sync(() => request.destroy())
  }).pipe(
    Effect.timeoutTo({ duration: TIMEOUT, onSuccess: (text) => text, onTimeout: () => "" }),
    Effect.map((text) => addressesIn(text, url))
  )
