/** The pages `/`, `/games/`, `/test/` and `/test/http/`, their files, and the patterns with which games start. */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpApp from "@effect/platform/HttpApp"
import * as HttpIncomingMessage from "@effect/platform/HttpIncomingMessage"
import * as HttpRouter from "@effect/platform/HttpRouter"
import * as HttpServerRequest from "@effect/platform/HttpServerRequest"
import * as HttpServerResponse from "@effect/platform/HttpServerResponse"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as PatternList from "../../Protocol/PatternList.ts"
import { queryOf } from "../../Text/Query.ts"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import { WebSocketRouter } from "../../WebSocket/Http/WebSocketRouter.ts"
import * as BarrierState from "../Game/BarrierState.ts"
import { Relay } from "../Game/Relay.ts"
import { StartupBarrier } from "../Game/StartupBarrier.ts"
import { isGameName } from "../Games/GameName.ts"
import { Games } from "../Games/Games.ts"
import { ServerConfig } from "../ServerConfig.ts"
import { Watch } from "../Watch/Watch.ts"
import * as AllowedMethods from "./AllowedMethods.ts"
import { file, html, made, notFound, template } from "./Answers.ts"
import * as DevReload from "./DevReload.ts"
import * as GamePicture from "./GamePicture.ts"
import { gamesJson, renderGamesPage } from "./GamesPage.ts"
import * as OperationsPages from "./OperationsPages.ts"
import * as PageOrigin from "./PageOrigin.ts"
import * as Png from "./Png.ts"
import * as ReadyPage from "./ReadyPage.ts"
import { StartOffer } from "./StartOffer.ts"
import { respond } from "./StaticFiles.ts"
import { formPage, MAX_BODY } from "./TestPage.ts"
import * as WatchPage from "./WatchPage.ts"

/** `isAsked`: somebody has asked for the game, so its clients are expected. */
const clientsOf = (state: BarrierState.BarrierState, isAsked: boolean): WatchPage.Clients | undefined => {
  const phase = BarrierState.phaseOf(state)
  if (phase === "running") return state.connected === state.expected ? "running" : undefined
  return phase === "ended" || (phase === "idle" && !isAsked) ? undefined : "coming"
}

const originOfRequest = (originOf: PageOrigin.PageOrigin) =>
  Effect.map(HttpServerRequest.HttpServerRequest, ({ headers, remoteAddress }) =>
    originOf(Option.getOrUndefined(remoteAddress), headers)
  )

/** The page of a game with a name, which may not exist yet. */
const gamePage = (originOf: PageOrigin.PageOrigin, offers: WatchPage.PageOf["offers"] & {}) =>
  Effect.gen(function* () {
    const { name = "" } = yield* HttpRouter.params
    if (!isGameName(name))
      return HttpServerResponse.text(
        "No game can have this name: a name has 1 to 24 of the characters A to Z, a to z, 0 to 9, - and _.",
        { status: 404 }
      )
    const games = yield* Games
    const game = games.unsafeFind(name)
    const origin = yield* originOfRequest(originOf)
    const address = origin === undefined ? undefined : `${origin}/games/${name}/`
    const { height = 0, width = 0 } = game ?? {}
    const fullAt = games.unsafeFullAt(name)
    const page = { width, height, address, name, fullAt, offers: offers.filter((offer) => offer === "history") }
    return yield* html(WatchPage.renderWatchPage(yield* template("watch/index.html"), page))
  })

const sendPicture = (bytes: Uint8Array) =>
  HttpServerResponse.uint8Array(bytes, { contentType: "image/png", headers: { "cache-control": "no-cache" } })

/**
 * The pictures of the games with names. With `?small` in the url it is the one of the list of games. A game that this
 * node does not read is drawn empty: nobody opens its log for a picture.
 */
const gamePictures = Effect.fnUntraced(function* (turns: Effect.Semaphore) {
  const games = yield* Games
  const nothing = yield* Effect.cached(
    Effect.promise(() =>
      Png.encode(GamePicture.draw({ width: 32, height: 32, topology: "", stateCount: 2, states: new Uint8Array(1024) }))
    )
  )
  type Known = WeakMap<Watch["Type"], Effect.Effect<Uint8Array>>
  const full: Known = new WeakMap()
  const small: Known = new WeakMap()
  const pictureIn = Effect.fnUntraced(function* (watch: Watch["Type"]) {
    const { url } = yield* HttpServerRequest.HttpServerRequest
    const isSmall = queryOf(url).has("small")
    const known = isSmall ? small : full
    const size = isSmall ? GamePicture.smallSize : GamePicture.fullSize
    const picture = known.get(watch) ?? (yield* GamePicture.file(turns, watch.unsafeSnapshot, size))
    known.set(watch, picture)
    return sendPicture(yield* picture)
  })
  return Effect.gen(function* () {
    const { name = "" } = yield* HttpRouter.params
    if (!isGameName(name) || games.unsafeFind(name) === undefined) return notFound
    const room = games.unsafeRoom(name)
    if (room !== undefined) return yield* pictureIn(room.watch)
    return sendPicture(yield* nothing)
  })
})

/** The nodes at which the game under a path can be played. */
const nodesJson = (path: string) =>
  Effect.flatMap(Games, (games) => {
    const nodes = games
      .unsafeNodes()
      .map(({ name, url }) => ({ name, url: WebSocketUrl.under(new URL(url), path).href }))
    return made("application/json", JSON.stringify({ nodes }))
  })

const gameNodes = Effect.flatMap(HttpRouter.params, ({ name = "" }) =>
  isGameName(name) ? nodesJson(`games/${name}/`) : Effect.succeed(notFound)
)

const gamesJsonPage = Effect.flatMap(Games, (games) => made("application/json", gamesJson(games.unsafeList())))

const gamesPage = Effect.gen(function* () {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  if (headers["accept"]?.includes("application/json") === true) return yield* gamesJsonPage
  return yield* html(renderGamesPage(yield* template("games/index.html"), (yield* Games).unsafeList()))
})

const patternList = Option.match({
  onNone: () => Effect.succeed(notFound),
  onSome: ({ list }: StartOffer["Type"]) =>
    Effect.flatMap(list, (offer) => made("application/json", JSON.stringify(offer)))
})

/** A pattern of the list as a file. */
const patternFile = Option.match({
  onNone: () => Effect.succeed(notFound),
  onSome: ({ list }: StartOffer["Type"]) =>
    Effect.gen(function* () {
      const { file = "" } = yield* HttpRouter.params
      const pattern = (yield* list).patterns.find(({ name }) => `${name}.rle` === file)
      return yield* pattern === undefined
        ? Effect.succeed(notFound)
        : made("text/plain; charset=utf-8", PatternList.fileOf(pattern))
    })
})

const staticFile = Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => {
  const [path = ""] = url.split("?", 1)
  return file(path.slice("/static/".length), queryOf(url).get("v") ?? undefined)
})

/** Answers a plain request to a WebSocket path, a page's path with another method, or an unknown path. */
const elsewhere = (methodsOf: AllowedMethods.MethodsOf) =>
  Effect.gen(function* () {
    const { url } = yield* HttpServerRequest.HttpServerRequest
    const path = url.split("?", 1)[0]!
    const router = yield* WebSocketRouter
    const methods = methodsOf(path)
    if (methods.length > 0)
      return HttpServerResponse.text("Method Not Allowed", { status: 405, headers: { allow: methods.join(", ") } })
    return router.find(path) === undefined
      ? notFound
      : HttpServerResponse.text("Invalid WebSocket handshake.", { status: 400 })
  })

/**
 * Answers a handshake to a path without an endpoint, which may be a page's, with a line of text, because a WebSocket
 * client can't show a page. The line names the paths that have endpoints.
 */
const handshakesNotFound = <E, R>(pages: HttpApp.Default<E, R>): HttpApp.Default<E, R | WebSocketRouter> =>
  Effect.gen(function* () {
    const { headers } = yield* HttpServerRequest.HttpServerRequest
    if (headers["upgrade"]?.toLowerCase() !== "websocket") return yield* pages
    const paths = (yield* WebSocketRouter).paths().toSorted()
    return HttpServerResponse.text(`no WebSocket is here, but at ${paths.join(", ")}\n`, { status: 404 })
  })

/** The content security policy: what a page may load, and which pages may show it in a frame. */
const contentSecurityPolicy = (framedBy: string): string =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors ${framedBy}`

export const headers = {
  "content-security-policy": contentSecurityPolicy("'none'"),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin"
}

/** With TLS: a browser that was here once connects only with TLS from then on. */
const onlySecure = { "strict-transport-security": "max-age=31536000" }

const embedPath = /^\/(games\/[^/]+\/)?embed$/

/** Allows pages of these origins to show `/embed`, and the same page of a game with a name, in a frame. */
const allowFrames =
  (origins: ReadonlyArray<string>) =>
  <E, R>(pages: HttpApp.Default<E, R>): HttpApp.Default<E, R> =>
    Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) =>
      !embedPath.test(url.split("?", 1)[0]!) || origins.length === 0
        ? pages
        : Effect.map(
            pages,
            HttpServerResponse.setHeaders({
              "content-security-policy": contentSecurityPolicy(origins.join(" ")),
              // The embedding page always has another origin.
              "cross-origin-opener-policy": "unsafe-none"
            })
          )
    )

/** The pages as an app, and a shortcut that answers the most frequent request before it. */
export const make = Effect.gen(function* () {
  const { allowedEmbedders, certificate, history, trustedProxies } = yield* ServerConfig
  const startOffer = yield* Effect.serviceOption(StartOffer)
  const offers = [
    ...(Option.exists(startOffer, ({ hasControl }) => hasControl) ? (["control"] as const) : []),
    ...(Option.exists(startOffer, ({ isReplay }) => isReplay) ? (["replay"] as const) : []),
    ...(history.bytes > 0 ? (["history"] as const) : [])
  ]
  const originOf = PageOrigin.make(certificate !== undefined, trustedProxies)
  const reload = (yield* DevReload.enabled) ? yield* DevReload.make : HttpRouter.empty
  const relay = yield* Relay
  const barrier = yield* StartupBarrier
  const watchPage = yield* WatchPage.make(() => {
    const { height, topology, width } = relay.unsafeGrid()
    return { width, height, clients: clientsOf(barrier.unsafeState(), topology !== "") }
  }, offers)
  const common = certificate === undefined ? headers : { ...headers, ...onlySecure }
  const theWatchPage = originOfRequest(originOf).pipe(
    Effect.flatMap(watchPage.get),
    Effect.flatMap((found) => (found === undefined ? Effect.succeed(notFound) : respond(found)))
  )
  const isEmbeddable = allowedEmbedders.length > 0
  const theGamePage = gamePage(originOf, offers)
  const turns = yield* Effect.makeSemaphore(1)
  const picture = yield* GamePicture.file(turns, (yield* Watch).unsafeSnapshot, GamePicture.fullSize)
  const routes = HttpRouter.empty.pipe(
    HttpRouter.get("/", theWatchPage),
    HttpRouter.get("/embed", isEmbeddable ? theWatchPage : Effect.succeed(notFound)),
    HttpRouter.get("/games/", gamesPage),
    HttpRouter.get("/games.json", gamesJsonPage),
    HttpRouter.get("/nodes.json", nodesJson("")),
    HttpRouter.get("/games/:name/nodes.json", gameNodes),
    HttpRouter.get("/games/:name/", theGamePage),
    HttpRouter.get("/picture.png", Effect.map(picture, sendPicture)),
    HttpRouter.get("/games/:name/picture.png", yield* gamePictures(turns)),
    HttpRouter.get("/games/:name/embed", isEmbeddable ? theGamePage : Effect.succeed(notFound)),
    HttpRouter.get("/test/", file("test/index.html")),
    HttpRouter.get("/test/http/", formPage),
    HttpRouter.post("/test/http/", formPage),
    HttpRouter.get("/patterns.json", patternList(startOffer)),
    HttpRouter.get("/patterns/:file", patternFile(startOffer)),
    HttpRouter.get("/static/*", staticFile),
    HttpRouter.concat(OperationsPages.router),
    HttpRouter.concat(reload)
  )
  const notFoundElse = elsewhere(AllowedMethods.make(routes.routes))
  const app = routes.pipe(
    Effect.catchTag("RouteNotFound", () => notFoundElse),
    handshakesNotFound,
    Effect.map(HttpServerResponse.setHeaders(common)),
    allowFrames(allowedEmbedders),
    HttpIncomingMessage.withMaxBodySize(Option.some(FileSystem.Size(MAX_BODY)))
  )
  return { app, shortcut: ReadyPage.make(watchPage, common, originOf) }
})
