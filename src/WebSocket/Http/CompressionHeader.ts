/** How both sides agree on permessage-deflate (RFC 7692, section 7.1): of a client's offers one is accepted or none. */
import type { Agreement, CompressionOptions } from "../Frames/PerMessageDeflate.ts"

interface Named {
  readonly name: string
  /** Values by name; `true` for a parameter without a value. */
  readonly parameters: ReadonlyMap<string, string | true>
}

const NAME = "permessage-deflate"
const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const parameter = new RegExp(`^(${TOKEN})(?:[ \\t]*=[ \\t]*(?:(${TOKEN})|"(${TOKEN})"))?$`)

/** The extensions that a header lists; `undefined` if the header is malformed. */
const parse = (header: string): ReadonlyArray<Named> | undefined => {
  const all: Array<Named> = []
  for (const text of header.split(",")) {
    const [name = "", ...rest] = text.split(";").map((part) => part.trim())
    const parameters = new Map<string, string | true>()
    for (const part of rest) {
      const [, key, plain, quoted] = parameter.exec(part) ?? []
      if (key === undefined || parameters.has(key)) return undefined
      parameters.set(key, plain ?? quoted ?? true)
    }
    all.push({ name, parameters })
  }
  return all
}

const bits = (value: string | true | undefined): number | undefined =>
  typeof value === "string" && /^([89]|1[0-5])$/.test(value) ? Number(value) : undefined

const known = new Set([
  "server_no_context_takeover",
  "client_no_context_takeover",
  "server_max_window_bits",
  "client_max_window_bits"
])

/** zlib can't compress with a smaller window than this. */
const LEAST_BITS = 9

/** What the parameters ask of both sides. */
interface Terms {
  readonly serverTakeover: boolean
  readonly clientTakeover: boolean
  readonly serverBits: number | undefined
  /** `true`: the client accepts any. */
  readonly clientBits: number | true | undefined
}

/** What valid parameters mean. `isOffer`: the client may leave its window bits to the server. */
const read = ({ name, parameters }: Named, isOffer: boolean): Terms | undefined => {
  if (name !== NAME) return undefined
  for (const [key, value] of parameters) {
    if (!known.has(key)) return undefined
    if (key.endsWith("takeover") ? value !== true : bits(value) === undefined && !(isOffer && isOpen(key, value)))
      return undefined
  }
  const client = parameters.get("client_max_window_bits")
  return {
    serverTakeover: !parameters.has("server_no_context_takeover"),
    clientTakeover: !parameters.has("client_no_context_takeover"),
    serverBits: bits(parameters.get("server_max_window_bits")),
    clientBits: client === true ? true : bits(client)
  }
}

const isOpen = (key: string, value: string | true): boolean => key === "client_max_window_bits" && value === true

/** An offer that a server accepts: the header of its answer, and the agreement that it means. */
export interface Accepted {
  readonly answer: string
  readonly agreement: Agreement
}

/** The first of a client's offers that a server can accept, if there is one. */
export const accept = (header: string | undefined, options: CompressionOptions): Accepted | undefined => {
  if (header === undefined) return undefined
  for (const offer of parse(header) ?? []) {
    const asked = read(offer, true)
    if (asked === undefined || (asked.serverBits ?? LEAST_BITS) < LEAST_BITS) continue
    const { contextTakeover: keeps = false } = options
    const own = { contextTakeover: keeps && asked.serverTakeover, windowBits: asked.serverBits ?? 15 }
    const peer = {
      contextTakeover: keeps && asked.clientTakeover,
      windowBits: typeof asked.clientBits === "number" ? asked.clientBits : 15
    }
    const parts = [
      NAME,
      ...(own.contextTakeover ? [] : ["server_no_context_takeover"]),
      ...(peer.contextTakeover ? [] : ["client_no_context_takeover"]),
      ...(asked.serverBits === undefined ? [] : [`server_max_window_bits=${asked.serverBits}`]),
      ...(typeof asked.clientBits === "number" ? [`client_max_window_bits=${asked.clientBits}`] : [])
    ]
    return { answer: parts.join("; "), agreement: { own, peer } }
  }
  return undefined
}

export const offer = ({ contextTakeover = false }: CompressionOptions): string =>
  contextTakeover
    ? `${NAME}; client_max_window_bits`
    : `${NAME}; server_no_context_takeover; client_no_context_takeover; client_max_window_bits`

/** What a server's answer to `offer` means for the client; or, as a string, the problem with it. */
export const agreed = (header: string, { contextTakeover: keeps = false }: CompressionOptions): Agreement | string => {
  const [answer, ...more] = parse(header) ?? []
  const chosen = answer === undefined || more.length > 0 ? undefined : read(answer, false)
  if (chosen === undefined)
    return `the server answers the offer of ${NAME} with something else: ${JSON.stringify(header)}`
  if (!keeps && chosen.serverTakeover)
    return "the server's answer lacks server_no_context_takeover, which was asked for"
  const { clientBits } = chosen
  if (typeof clientBits === "number" && clientBits < LEAST_BITS)
    return `the server asks for client_max_window_bits=${clientBits}: expected ${LEAST_BITS} to 15`
  return {
    own: {
      contextTakeover: keeps && chosen.clientTakeover,
      windowBits: typeof clientBits === "number" ? clientBits : 15
    },
    peer: { contextTakeover: chosen.serverTakeover, windowBits: chosen.serverBits ?? 15 }
  }
}
