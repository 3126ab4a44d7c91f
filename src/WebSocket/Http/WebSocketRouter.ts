/**
 * Finds the endpoint of a WebSocket path. Paths are written as in `HttpRouter`: `/chat/:room/` captures `room`. Pages
 * are routed separately, so a page and a WebSocket may share one URL.
 */

import type * as HttpRouter from "@effect/platform/HttpRouter"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as FindMyWay from "find-my-way-ts"
import * as OptionRange from "../Connection/OptionRange.ts"
import type { Endpoint, UpgradeRequest } from "./Endpoint.ts"

export interface Route {
  readonly endpoint: Endpoint
  /** The path as it was mounted. */
  readonly path: string
  readonly params: UpgradeRequest["params"]
}

type Mounted = Omit<Route, "params">

/** Paths of the same shape lead to the same endpoint, whatever the names of their parameters. */
const shapeOf = (path: string): string => path.replace(/:\w+/g, ":")

/** Why an endpoint can't be mounted on a path, or `undefined` if it can. */
const problemOf = (path: string, mounted: Iterable<Mounted>): string | undefined => {
  if (!/^[/*]/.test(path)) return `the path ${JSON.stringify(path)} must begin with /`
  for (const other of mounted)
    if (shapeOf(other.path) === shapeOf(path))
      return `the path ${path} has an endpoint already, mounted on ${other.path}: mount one endpoint on each path`
  return undefined
}

export class WebSocketRouter extends Context.Tag("effect-c10k/WebSocket/WebSocketRouter")<
  WebSocketRouter,
  {
    /**
     * Mounts an endpoint on a path until the scope ends; its open connections stay open then. Dies if the path does not
     * begin with `/` or `*`, or has an endpoint already.
     */
    readonly mount: (path: HttpRouter.PathInput, endpoint: Endpoint) => Effect.Effect<void, never, Scope.Scope>
    /** The endpoint of a path without its query, if there is one. */
    readonly find: (path: string) => Route | undefined
    /** The paths that have endpoints, as they were mounted. */
    readonly paths: () => ReadonlyArray<string>
  }
>() {
  static readonly layer: Layer.Layer<WebSocketRouter> = Layer.sync(WebSocketRouter, () => {
    const mounted = new Set<Mounted>()
    let routes = FindMyWay.make<Mounted>()
    const search = (path: string): Route | undefined => {
      const found = routes.find("GET", path)
      return found === undefined ? undefined : { ...found.handler, params: found.params }
    }
    /** The results for paths as they were mounted: a search is a tenth of the cost of accepting a connection. */
    const known = new Map<string, Route | undefined>()
    const add = (route: Mounted) => {
      routes.on("GET", route.path as `/${string}`, route)
      known.clear()
      for (const { path } of mounted) known.set(path, search(path))
    }
    return WebSocketRouter.of({
      mount: (path, endpoint) =>
        Effect.acquireRelease(
          Effect.suspend(() => {
            const problem = problemOf(path, mounted)
            if (problem !== undefined) return Effect.dieMessage(problem)
            const wrong = OptionRange.problemOf(endpoint)
            if (wrong !== undefined) return Effect.dieMessage(`the endpoint of ${path} can't be mounted: ${wrong}`)
            const route = { endpoint, path }
            mounted.add(route)
            add(route)
            return Effect.succeed(route)
          }),
          (route) =>
            Effect.sync(() => {
              mounted.delete(route)
              known.clear()
              // `FindMyWay` can't remove a path, so a new router is made.
              routes = FindMyWay.make()
              mounted.forEach(add)
            })
        ),
      find: (path) => known.get(path) ?? search(path),
      paths: () => [...mounted].map(({ path }) => path)
    })
  })
}

/** Mounts an endpoint in relay style while the layer lives: plain functions are called for each message. */
export const relay = (path: HttpRouter.PathInput, endpoint: Endpoint): Layer.Layer<never, never, WebSocketRouter> =>
  Layer.scopedDiscard(Effect.flatMap(WebSocketRouter, (router) => router.mount(path, endpoint)))
