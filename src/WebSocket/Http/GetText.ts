/** Reads a short text over HTTP, such as a list that belongs to a WebSocket server. */
import * as Http from "node:http"
import * as Https from "node:https"
import * as Effect from "effect/Effect"

export interface GetTextOptions {
  readonly url: URL
  /** Certificates (PEM) to trust instead of those of the system. */
  readonly ca: string | undefined
  /** Milliseconds within which the whole text must come. */
  readonly timeout: number
  /** The most characters of the text. */
  readonly most: number
}

/** The text; `undefined` without an answer of 200, or if it is late or too long. */
export const getText = ({ ca, most, timeout, url }: GetTextOptions): Effect.Effect<string | undefined> =>
  Effect.async<string | undefined>((resume) => {
    const get = url.protocol === "https:" ? Https.get : Http.get
    const none = () => resume(Effect.succeed(undefined))
    const request = get(url, { agent: false, ...(ca === undefined ? {} : { ca }) }, (response) => {
      let text = ""
      response.setEncoding("utf8")
      response.on("data", (chunk: string) => {
        text += chunk
        if (text.length > most) request.destroy()
      })
      response.once("end", () => resume(Effect.succeed(response.statusCode === 200 ? text : undefined)))
      response.once("error", none)
      response.once("close", none)
    })
    // Also after the request was destroyed.
    request.on("error", none)
    return Effect.sync(() => request.destroy())
  }).pipe(Effect.timeoutTo({ duration: timeout, onSuccess: (text) => text, onTimeout: () => undefined }))
