/** Servers of NATS and the credentials for them, as options give them. */
import * as Effect from "effect/Effect"
import * as OptionFile from "./OptionFile.ts"
import { UserError } from "./UserError.ts"

const fail = (message: string) => Effect.fail(new UserError({ message }))

const serverOf =
  (option: string) =>
  (each: string): Effect.Effect<{ readonly server: string; readonly token: string }, UserError> => {
    const trimmed = each.trim()
    const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined
    const isServer = url !== undefined && /^(nats|tls):$/.test(url.protocol) && url.hostname !== ""
    if (!isServer)
      return fail(`${option} ${trimmed}: expected a URL as nats://localhost:4222; several with commas between`)
    const server = `${url.protocol}//${url.host}`
    return url.password === ""
      ? Effect.succeed({ server, token: decodeURIComponent(url.username) })
      : fail(`${option} ${server}: expected a URL without a user and a password: use --nats-creds`)
  }

/** The servers that `option` names, with commas between them, and their token: `nats://TOKEN@host:4222`. */
export const serversOf = Effect.fnUntraced(function* (option: string, text: string) {
  const all = yield* Effect.forEach(text.split(","), serverOf(option))
  return {
    servers: all.map(({ server }) => server),
    token: all.map(({ token }) => token).find((token) => token !== "")
  }
})

/** The credentials in the file that `--nats-creds` names. */
export const credentialsOf = Effect.fnUntraced(function* (path: string) {
  const text = yield* OptionFile.read("nats-creds", path)
  return /BEGIN NATS USER JWT/.test(text) && /BEGIN USER NKEY SEED/.test(text)
    ? text
    : yield* fail(`--nats-creds ${path}: expected the credentials of a user, as \`nsc generate creds\` writes them`)
})
