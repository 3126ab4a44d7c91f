/**
 * Reloads the open pages when the development server restarts.
 *
 * `npm run dev` restarts the server on every change. A page listens to an event source whose single event has the id of
 * the server's start. The browser requests it again and again. When the id has changed, the page reloads.
 */
import { randomUUID } from "node:crypto"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"

/** Whether pages reload: `EFFECT_C10K_DEV`, set by `npm run dev`. */
export const enabled: Config.Config<boolean> = Config.boolean("EFFECT_C10K_DEV").pipe(Config.withDefault(false))

const EVENT_PATH = "/dev/reload"
const SCRIPT_PATH = "/dev/reload.js"

// A file and not an inline script, as the pages' content security policy asks.
const script = `let start
new EventSource(${JSON.stringify(EVENT_PATH)}).onmessage = ({ data }) => {
  if (start !== undefined && start !== data) location.reload()
  start = data
}
`

/** `html` with the script that reloads the page. */
export const inject = (html: string): string =>
  html.replace("</head>", `<script type="module" src="${SCRIPT_PATH}"></script></head>`)

/** The routes of the event and the script, for a server that starts now. */
export const make: Effect.Effect<HttpRouter.HttpRouter> = Effect.sync(() => {
  // The response ends at once, and the browser requests it again: a stream that stays open would delay the server's own
  // end.
  const event = HttpServerResponse.text(`retry: 300\ndata: ${randomUUID()}\n\n`, {
    contentType: "text/event-stream",
    headers: { "cache-control": "no-store" }
  })
  return HttpRouter.empty.pipe(
    HttpRouter.get(EVENT_PATH, event),
    HttpRouter.get(SCRIPT_PATH, HttpServerResponse.text(script, { contentType: "text/javascript" }))
  )
})
