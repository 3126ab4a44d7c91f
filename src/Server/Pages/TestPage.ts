/** The HTTP test page: a GET form and a POST form, and the values that the server received. */
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeHttpServerRequest from "@effect/platform-node/NodeHttpServerRequest"
import * as Effect from "effect/Effect"
import { queryOf } from "../../Text/Query.ts"
import { file, html, template } from "./Answers.ts"

const replacements: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => replacements[character]!)

const PLACEHOLDER = "<!-- received -->"

const renderReceived = (method: string, fields: URLSearchParams): string => {
  const rows = [...fields].map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
  const list = rows.length === 0 ? "<p>No fields were received.</p>" : `<dl>${rows.join("")}</dl>`
  return `<section class="card" id="received"><h2>Received by ${method}</h2>${list}</section>`
}

/** The page's `template`, with the received values instead of its comment `received`. */
export const renderTestPage = (template: string, method: string, fields: URLSearchParams): string =>
  // The replacement is a function, because `$` has a special meaning in a string.
  template.replace(PLACEHOLDER, () => renderReceived(method, fields))

/** The most bytes of the fields. */
export const MAX_BODY = 64 * 1024

const tooLong = HttpServerResponse.text(`The fields may have at most ${MAX_BODY / 1024} KiB.\n`, { status: 413 })

/**
 * The body of a request; `undefined` if it is too long. The rest is read and dropped, because the platform's own reader
 * would cut the connection before the answer.
 */
const bodyOf = (request: HttpServerRequest.HttpServerRequest): Effect.Effect<string | undefined> =>
  Effect.async((resume) => {
    const message = NodeHttpServerRequest.toIncomingMessage(request)
    const chunks: Array<Buffer> = []
    let length = 0
    message.on("data", (chunk: Buffer) => {
      length += chunk.length
      if (length <= MAX_BODY) chunks.push(chunk)
      else resume(Effect.succeed(undefined))
    })
    message.once("end", () => resume(Effect.succeed(Buffer.concat(chunks).toString())))
  })

export const formPage = Effect.gen(function* () {
  const request = yield* HttpServerRequest.HttpServerRequest
  const query = queryOf(request.url)
  const isPost = request.method === "POST"
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY) return tooLong
  const type = request.headers["content-type"]
  if (isPost && type !== undefined && !/^application\/x-www-form-urlencoded\b/i.test(type))
    return HttpServerResponse.text("The fields must be sent as application/x-www-form-urlencoded.\n", { status: 400 })
  const body = isPost ? yield* bodyOf(request) : query.toString()
  if (body === undefined) return tooLong
  const fields = new URLSearchParams(body)
  if (!isPost && fields.size === 0) return yield* file("test/http/index.html")
  return yield* html(renderTestPage(yield* template("test/http/index.html"), request.method, fields))
})
