/** Tokens that are signed, as docs/channels.md shows them, with npm's `jose` and `centrifuge`. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { errors as errorsOfJose, jwtVerify, SignJWT } from "jose"
import { disconnects, errors } from "../../src/Channels/Codes.ts"
import { stateLimit } from "../limits.ts"
import { centrifuge, served, until } from "./rig.ts"

const secret = new TextEncoder().encode("a secret of thirty-two bytes or more")

const verify = (token: string) =>
  Effect.tryPromise({
    try: () => jwtVerify(token, secret),
    catch: (error) => (error instanceof errorsOfJose.JWTExpired ? errors.tokenExpired : disconnects.invalidToken)
  }).pipe(Effect.map(({ payload }) => ({ user: payload.sub ?? "", expiresAt: (payload.exp ?? 0) * 1000 })))

/** A token that expires at `exp`, in seconds from now. */
const sign = (user: string, exp: number, key = secret): Promise<string> =>
  new SignJWT()
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(user)
    .setExpirationTime(Math.floor(Date.now() / 1000) + exp)
    .sign(key)

const server = served({ connect: ({ token }) => verify(token), refresh: (token) => verify(token) })

it.scopedLive("a signed token says who the client is; an expired one is replaced by a new one", () =>
  Effect.gen(function* () {
    const old = yield* Effect.promise(() => sign("ada", -60))
    const asked: Array<string> = []
    const getToken = () => {
      asked.push("again")
      return sign("ada", 3600)
    }
    const client = yield* centrifuge(yield* server, { token: old, getToken })
    const lobby = client.newSubscription("room:lobby")
    lobby.subscribe()
    client.connect()
    yield* Effect.promise(() => lobby.ready(stateLimit()))
    const { clients } = yield* Effect.promise(() => lobby.presence())
    assert.deepStrictEqual(
      Object.values(clients).map(({ user }) => user),
      ["ada"]
    )
    assert.deepStrictEqual(asked, ["again"])
  })
)

it.scopedLive("a token with another signature is closed with 3500, and the client does not come back", () =>
  Effect.gen(function* () {
    const forged = yield* Effect.promise(() => sign("ada", 3600, new TextEncoder().encode("x".repeat(32))))
    const client = yield* centrifuge(yield* server, { token: forged })
    const ends: Array<unknown> = []
    client.on("disconnected", ({ code, reason }) => ends.push([code, reason]))
    client.connect()
    yield* until(() => assert.deepStrictEqual(ends, [[3500, "invalid token"]]))
  })
)
