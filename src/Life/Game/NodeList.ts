/** The nodes of a server at which a game can be played, as `nodes.json` lists them. */
import * as Either from "effect/Either"
import * as Schema from "effect/Schema"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"

const decode = Schema.decodeEither(
  Schema.parseJson(Schema.Struct({ nodes: Schema.Array(Schema.Struct({ url: Schema.String })) }))
)

/** Where the list of the game at `url` is. */
export const addressOf = (url: URL): URL => {
  const address = WebSocketUrl.under(url, "nodes.json")
  address.protocol = url.protocol === "wss:" ? "https:" : "http:"
  return address
}

/**
 * The addresses in the list of the game at `url` that can be used; none if it is no list. A secret that is sent by TLS is
 * never sent without.
 */
export const addressesIn = (text: string, url: URL): ReadonlyArray<string> =>
  Either.match(decode(text), {
    onLeft: () => [],
    onRight: ({ nodes }) => {
      const parsed = nodes.map((node) => WebSocketUrl.parse(node.url))
      const usable = parsed.filter((node) => node !== undefined && (url.protocol === "ws:" || node.protocol === "wss:"))
      return [...new Set(usable.map((node) => node!.href))]
    }
  })
