/** Servers of NATS and the credentials for them, as options give them. */
import * as Effect from "effect/Effect"
import * as OptionFile from "./OptionFile.ts"
import { UserError } from "./UserError.ts"

const fail = (message: string) => Effect.fail(new UserError({ message }))

/** The servers that `option` names, with commas between them. */
export const serversOf = (option: string, text: string) =>
  Effect.forEach(text.split(","), (each) => {
    const trimmed = each.trim()
    const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined
    const isServer = url !== undefined && /^(nats|tls):$/.test(url.protocol) && url.hostname !== ""
    if (!isServer)
      return fail(`${option} ${trimmed}: expected a URL as nats://localhost:4222; several with commas between`)
    return url.username === ""
      ? Effect.succeed(trimmed)
      : fail(`${option} ${url.protocol}//${url.host}: expected a URL without a user: use --nats-creds`)
  })

/** The credentials in the file that `--nats-creds` names. */
export const credentialsOf = Effect.fnUntraced(function* (path: string) {
  const text = yield* OptionFile.read("nats-creds", path)
  return /BEGIN NATS USER JWT/.test(text) && /BEGIN USER NKEY SEED/.test(text)
    ? text
    : yield* fail(`--nats-creds ${path}: expected the credentials of a user, as \`nsc generate creds\` writes them`)
})
