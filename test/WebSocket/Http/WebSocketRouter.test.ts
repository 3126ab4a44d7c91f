import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Scope from "effect/Scope"
import type { PathParams } from "../../../src/WebSocket/Api/PathParams.ts"
import type { Endpoint } from "../../../src/WebSocket/Http/Endpoint.ts"
import { WebSocketRouter } from "../../../src/WebSocket/Http/WebSocketRouter.ts"

const endpoint = (role: string): Endpoint => ({ role, open: () => ({ onMessage: () => {}, onClose: () => {} }) })

describe("WebSocketRouter", () => {
  it.effect("a path leads to its endpoint until the scope that mounted it ends, and can then be mounted again", () =>
    Effect.gen(function* () {
      const router = yield* WebSocketRouter
      const scope = yield* Scope.make()
      yield* router.mount("/chat/:room/", endpoint("chat"))
      yield* Scope.extend(router.mount("/game/", endpoint("game")), scope)
      assert.strictEqual(router.find("/game/")?.endpoint.role, "game")
      yield* Scope.close(scope, Exit.void)
      assert.isUndefined(router.find("/game/"))
      assert.deepStrictEqual(router.find("/chat/a/")?.params, { room: "a" })
      yield* router.mount("/game/", endpoint("another"))
      assert.strictEqual(router.find("/game/")?.endpoint.role, "another")
    }).pipe(Effect.scoped, Effect.provide(WebSocketRouter.layer))
  )

  it.effect("WebSocketRouter says what is wrong with a path, and goes on with those that it has", () =>
    Effect.gen(function* () {
      const router = yield* WebSocketRouter
      const problem = (path: string) =>
        router.mount(path as "/", endpoint("new")).pipe(
          Effect.exit,
          Effect.map((exit) => (Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "none"))
        )
      yield* router.mount("/chat/:room/", endpoint("chat"))
      assert.include(
        yield* problem("/chat/:name/"),
        "the path /chat/:name/ has an endpoint already, mounted on /chat/:room/: mount one endpoint on each path"
      )
      assert.include(yield* problem("chat"), 'the path "chat" must begin with /')
      assert.include(
        yield* router
          .mount("/low/", { ...endpoint("low"), maxPayload: -1 })
          .pipe(Effect.sandbox, Effect.flip, Effect.map(Cause.pretty)),
        "the endpoint of /low/ can't be mounted: the option maxPayload is -1: expected a number of bytes above 0; Infinity is no limit"
      )
      assert.strictEqual(yield* Effect.scoped(problem("/other")), "none")
      assert.strictEqual(router.find("/chat/a/")?.endpoint.role, "chat")
    }).pipe(Effect.scoped, Effect.provide(WebSocketRouter.layer))
  )

  it.effect("WebSocketRouter finds the parameters that the type of a path has", () =>
    Effect.gen(function* () {
      const router = yield* WebSocketRouter
      /** The parameters of an address, by the type of the path that it is mounted on. */
      const found = <const Path extends `/${string}`>(path: Path, address: string) =>
        Effect.scoped(
          Effect.map(router.mount(path, endpoint("any")), () => router.find(address)?.params as PathParams<Path>)
        )
      const room = yield* found("/chat/:room/", "/chat/a/")
      expectTypeOf(room).toEqualTypeOf<{ readonly room: string }>()
      assert.deepStrictEqual(room, { room: "a" })
      const map = yield* found("/map/:lat-:lng", "/map/1.5-2.5")
      expectTypeOf(map).toEqualTypeOf<{ readonly lat: string; readonly lng: string }>()
      assert.deepStrictEqual(map, { lat: "1.5", lng: "2.5" })
      const file = yield* found("/files/:name.:kind", "/files/a.txt")
      expectTypeOf(file).toEqualTypeOf<{ readonly name: string; readonly kind: string }>()
      assert.deepStrictEqual(file, { name: "a", kind: "txt" })
      const numbered = yield* found("/games/:id(^\\d+$)/cells", "/games/12/cells")
      expectTypeOf(numbered).toEqualTypeOf<{ readonly id: string }>()
      assert.deepStrictEqual(numbered, { id: "12" })
      const optional = yield* found("/pages/:page?", "/pages/")
      expectTypeOf(optional).toEqualTypeOf<{ readonly page: string | undefined }>()
      const rest = yield* found("/tree/*", "/tree/a/b")
      expectTypeOf(rest).toEqualTypeOf<{ readonly "*": string }>()
      assert.deepStrictEqual(rest, { "*": "a/b" })
      const none = yield* found("/none", "/none")
      assert.deepStrictEqual(none, {})
      expectTypeOf<PathParams<string>>().toEqualTypeOf<Readonly<Record<string, string | undefined>>>()
    }).pipe(Effect.scoped, Effect.provide(WebSocketRouter.layer))
  )
})
