import { createSecureContext, type SecureContext } from "node:tls"
import * as BasicAuthorization from "../../Text/BasicAuthorization.ts"
import * as HttpProxy from "../../Text/HttpProxy.ts"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import type { TlsOptions } from "../../WebSocket/Http/Dial.ts"
import * as Compress from "../Scenario/Compress.ts"
import type { Connect } from "../Scenario/Connect.ts"
import type { Certificates, LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Scenario } from "../Scenario/Scenario.ts"
import * as Template from "../Scenario/Template.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { Target } from "./Dialer.ts"
import type { LocalPorts } from "./LocalPorts.ts"

interface Place {
  readonly url: URL
  /** Those that the url's user and password ask for. */
  readonly headers: Readonly<Record<string, string>>
}

/** A url whose user and password went into a header: a WebSocket's own url has none. */
const placeOf = (url: URL): Place => {
  const authorization = BasicAuthorization.of(url)
  if (authorization === undefined) return { url, headers: {} }
  const bare = new URL(url)
  bare.username = ""
  bare.password = ""
  return { url: bare, headers: { authorization } }
}

const constantOr = <A>(text: string, read: (text: string) => A): ((variables: Template.Variables) => A) => {
  const template = Template.compile(text)
  if (!Template.isConstant(text)) return (variables) => read(template(variables))
  const value = read(template(Template.sample))
  return () => value
}

const placeFor = (text: string): ((variables: Template.Variables) => Place) => {
  const parse = (rendered: string): Place => {
    const url = WebSocketUrl.parse(rendered)
    if (url === undefined) throw new Template.RenderError(`"${rendered}" is no WebSocket url`)
    return placeOf(url)
  }
  return constantOr(text, parse)
}

/** The cookies of the scenario, and those that servers have set over HTTP. */
const cookieHeaders = (cookies: Connect["cookies"] = {}) => {
  const pairs = Object.entries(cookies).map(([name, value]) => [name, Template.compile(value)] as const)
  return (host: string, values: ClientValues): Readonly<Record<string, string>> => {
    const set = values.cookiesFor(host)
    const all = [...(set === undefined ? [] : [set]), ...pairs.map(([name, value]) => `${name}=${value(values)}`)]
    return all.length === 0 ? {} : { cookie: all.join("; ") }
  }
}

/** The TLS options of a client. The certificates are read once; each client keeps the session that it may resume. */
const tlsOf = (certificates: Certificates, connect: Connect): ((variables: Template.Variables) => TlsOptions) => {
  const { insecure = false, resume = false, servername } = connect.tls ?? {}
  const name = servername === undefined ? undefined : Template.compile(servername)
  // To read the system's certificates takes up to a tenth of a second: only where there is TLS.
  let secureContext: SecureContext | undefined
  const sessions = new Map<number, Buffer>()
  return (variables) => {
    secureContext ??= createSecureContext(certificates)
    const { client } = variables
    const session = sessions.get(client)
    return {
      secureContext,
      rejectUnauthorized: !insecure,
      ...(name === undefined ? {} : { servername: name(variables) }),
      ...(session === undefined ? {} : { session }),
      ...(resume ? { onSession: (offered: Buffer) => sessions.set(client, offered) } : {})
    }
  }
}

const proxyOf = (text: string): URL => {
  const proxy = HttpProxy.parse(text)
  if (proxy === undefined) throw new Template.RenderError(`"${text}" is no proxy: expected an http: url`)
  return proxy
}

/**
 * Gives the target of each client of a scenario: the clients take the urls in turn, and those of one url take the local
 * addresses in turn, so that every pair of both gets its even share of ports. `index` is the client's place among those of
 * its scenario, from 0; `ports` are shared by all scenarios. Throws a `RenderError` where a url is none.
 */
export const make = (
  plan: LoadPlan,
  { connect }: Pick<Scenario, "connect">,
  urls: LoadPlan["urls"],
  timeout: number,
  ports: LocalPorts
): ((variables: ClientValues, index: number) => Target) => {
  const places = urls.map(placeFor)
  const addresses = plan.localAddresses
  const headers = Object.entries(connect.headers).map(
    ([name, value]) => [name.toLowerCase(), Template.compile(value)] as const
  )
  const cookiesOf = cookieHeaders(connect.cookies)
  const subprotocols = connect.subprotocols.map(Template.compile)
  const tls = tlsOf(plan.certificates, connect)
  const compression = Compress.optionsOf(connect.compress)
  const proxy = connect.proxy === undefined ? undefined : constantOr(connect.proxy, proxyOf)
  const socketPath = connect.unixSocket === undefined ? undefined : Template.compile(connect.unixSocket)
  return (variables, index) => {
    const address = addresses[Math.floor(index / places.length) % addresses.length]
    const place = places[index % places.length]!(variables)
    return {
      url: place.url,
      headers: {
        ...place.headers,
        ...cookiesOf(place.url.hostname, variables),
        ...Object.fromEntries(headers.map(([name, template]) => [name, template(variables)]))
      },
      subprotocols: subprotocols.map((template) => template(variables)),
      local: address === undefined ? undefined : { address, nextPort: () => ports.next(address) },
      tls: place.url.protocol === "wss:" ? tls(variables) : undefined,
      compression,
      proxy: proxy?.(variables),
      socketPath: socketPath?.(variables),
      timeout
    }
  }
}
