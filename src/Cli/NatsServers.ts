/** Reads the NATS servers and their credentials from options. */
import * as Effect from "effect/Effect"
import * as OptionFile from "./OptionFile.ts"
import { UserError } from "./UserError.ts"

const serverOf =
  (option: string) =>
  (each: string): Effect.Effect<{ readonly server: string; readonly token: string }, UserError> => {
    const trimmed = each.trim()
    const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined
    const isServer = url !== undefined && /^(nats|tls):$/.test(url.protocol) && url.hostname !== ""
    if (!isServer)
      return UserError.of(
        `${option} ${trimmed}: expected a URL such as nats://localhost:4222, or several, separated by commas`
      )
    const server = `${url.protocol}//${url.host}`
    return url.password === ""
      ? Effect.succeed({ server, token: decodeURIComponent(url.username) })
      : UserError.of(`${option} ${server}: expected a URL without user and password: use --nats-creds`)
  }

/** The servers of `option`, separated by commas, and their token, which a URL may contain: `nats://TOKEN@host:4222`. */
export const serversOf = Effect.fnUntraced(function* (option: string, text: string) {
  const all = yield* Effect.forEach(text.split(","), serverOf(option))
  return {
    servers: all.map(({ server }) => server),
    token: all.map(({ token }) => token).find((token) => token !== "")
  }
})

export const credentialsOf = Effect.fnUntraced(function* (path: string) {
  const text = yield* OptionFile.read("nats-creds", path)
  return /BEGIN NATS USER JWT/.test(text) && /BEGIN USER NKEY SEED/.test(text)
    ? text
    : yield* UserError.of(`--nats-creds ${path}: expected a user's credentials, as \`nsc generate creds\` writes them`)
})
