/** `--ui`: a page that shows a run and controls it. */
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Runtime from "effect/Runtime"
import type { LoadRun } from "../../../Echo/Load/LoadRun.ts"
import type { Threshold } from "../../../Echo/Report/Threshold.ts"
import type { LoadPlan } from "../../../Echo/Scenario/LoadPlan.ts"
import type { LoadRequest } from "../../../Protocol/LoadView.ts"
import { file, notFound } from "../../../Server/Pages/Answers.ts"
import * as Pages from "../../../Server/Pages/Pages.ts"
import { StaticFiles } from "../../../Server/Pages/StaticFiles.ts"
import * as Authority from "../../../Text/Authority.ts"
import { WebSocketServer } from "../../../WebSocket/Api/WebSocketServer.ts"
import { Reactor } from "../../../WebSocket/Connection/Reactor.ts"
import * as Origin from "../../../WebSocket/Http/Origin.ts"
import type { UpgradeOptions } from "../../../WebSocket/Http/Upgrade.ts"
import { relay, WebSocketRouter } from "../../../WebSocket/Http/WebSocketRouter.ts"
import * as Output from "../../Output.ts"
import { UserError } from "../../UserError.ts"
import { obey, RunFeed } from "./RunFeed.ts"

const EVERY = "250 millis"

const pages = HttpRouter.empty.pipe(
  HttpRouter.get("/", file("load/index.html")),
  HttpRouter.get(
    "/static/*",
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) =>
      file(url.split("?", 1)[0]!.slice("/static/".length))
    )
  ),
  Effect.catchTag("RouteNotFound", () => notFound),
  Effect.map(HttpServerResponse.setHeaders(Pages.headers))
)

/** Other pages in the same browser must not control the run. */
const admit: UpgradeOptions["admit"] = ({ headers: { host, origin } }) =>
  origin === undefined || Origin.isOwn({ origin, host, isSecure: false }, new Set())
    ? { closed: () => {} }
    : { cause: "origin", status: 403, text: `pages of ${origin} may not control this run\n` }

export const make = Effect.fn("Ui.make")(function* (
  { host, port }: { readonly host: string; readonly port: number },
  thresholds: ReadonlyArray<Threshold>
) {
  const runtime = yield* Effect.runtime()
  let current: ((request: LoadRequest) => Effect.Effect<void>) | undefined
  const feed = new RunFeed(thresholds, (request) => {
    if (current !== undefined) Runtime.runFork(runtime)(current(request))
  })
  const served = WebSocketServer.layer({
    host,
    port,
    pages: Effect.provide(pages, yield* Layer.build(StaticFiles.layer)),
    admit
  }).pipe(
    Layer.provide(relay("/load/", { role: "load", ownPagesOnly: true, open: (page) => feed.open(page) })),
    Layer.provide([WebSocketRouter.layer, Reactor.layer(), NodeFileSystem.layer])
  )
  const context = yield* Layer.build(served).pipe(
    Effect.mapError(({ message }) => UserError.of(`--ui ${port}: ${message}`))
  )
  const address = yield* Effect.provide(WebSocketServer, context)
  yield* Output.note(`Watch the run at http://${Authority.format(address)}/`)
  /** Shows a run until the scope closes. `onStop` is called when a page stops the run. */
  const show = Effect.fn("Ui.show")(function* (plan: LoadPlan, run: LoadRun, onStop: () => void) {
    current = (request) => {
      if (request.type !== "steer") onStop()
      return obey(run, plan, request)
    }
    feed.begin(plan, run)
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        current = undefined
        feed.end()
      })
    )
    yield* Effect.sync(() => feed.poll()).pipe(Effect.delay(EVERY), Effect.forever, Effect.forkScoped)
  })
  return { show }
})

export type Ui = Effect.Effect.Success<ReturnType<typeof make>>
