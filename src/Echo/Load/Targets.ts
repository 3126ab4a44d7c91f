import { createSecureContext, type SecureContext } from "node:tls"
import * as BasicAuthorization from "../../Text/BasicAuthorization.ts"
import * as HttpProxy from "../../Text/HttpProxy.ts"
import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import type { TlsOptions } from "../../WebSocket/Http/DialTarget.ts"
import * as Compress from "../Scenario/Compress.ts"
import type { Connect } from "../Scenario/Connect.ts"
import type { Certificates, LoadPlan } from "../Scenario/LoadPlan.ts"
import type { Address } from "../Scenario/Player.ts"
import type { Scenario } from "../Scenario/Scenario.ts"
import * as Template from "../Scenario/Template.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { Target } from "./Dialer.ts"
import type { LocalPorts } from "./LocalPorts.ts"

interface Place {
  readonly url: URL
  /** The `Authorization` header, if the URL has a user and password. */
  readonly headers: Readonly<Record<string, string>>
}

/** Moves the user and password of a URL into a header, since a WebSocket URL has none. */
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

const placeAt = (text: string): Place => {
  const url = WebSocketUrl.parse(text)
  if (url === undefined) throw new Template.RenderError(`"${text}" is not a WebSocket URL: expected ws:// or wss://`)
  return placeOf(url)
}

/** The `Cookie` header with the cookies of the scenario and those that servers have set over HTTP. */
const cookieHeaders = (cookies: Connect["cookies"] = {}) => {
  const pairs = Object.entries(cookies).map(([name, value]) => [name, Template.compile(value)] as const)
  return (host: string, values: ClientValues): Readonly<Record<string, string>> => {
    const set = values.cookiesFor(host)
    const all = [...(set === undefined ? [] : [set]), ...pairs.map(([name, value]) => `${name}=${value(values)}`)]
    return all.length === 0 ? {} : { cookie: all.join("; ") }
  }
}

/** The TLS options of a client. The certificates are loaded once. */
const tlsOf = (certificates: Certificates, connect: Connect): ((values: ClientValues) => TlsOptions) => {
  const { insecure = false, resume = false, servername } = connect.tls ?? {}
  const name = servername === undefined ? undefined : Template.compile(servername)
  // Loading the system's certificates takes up to a tenth of a second, so it happens only with TLS.
  let secureContext: SecureContext | undefined
  const keepIn = (values: ClientValues) => (offered: Buffer) => {
    values.tlsSession = offered
  }
  return (values) => {
    secureContext ??= createSecureContext(certificates)
    const { tlsSession } = values
    return {
      secureContext,
      rejectUnauthorized: !insecure,
      ...(name === undefined ? {} : { servername: name(values) }),
      ...(tlsSession === undefined ? {} : { session: tlsSession }),
      ...(resume ? { onSession: keepIn(values) } : {})
    }
  }
}

const proxyOf = (text: string): URL => {
  const proxy = HttpProxy.parse(text)
  if (proxy === undefined) throw new Template.RenderError(`"${text}" is not a proxy: expected a URL with http:`)
  return proxy
}

/** Whether every client connects in the same way, as far as the scenario says. */
const isSameForAll = ({ localAddresses }: LoadPlan, connect: Connect, urls: LoadPlan["urls"]): boolean =>
  localAddresses.length === 0 && connect.tls?.resume !== true && !JSON.stringify([urls, connect]).includes("{{")

/**
 * Returns a function that gives the target of each client of a scenario. The clients use the URLs in turn, and the clients of
 * one URL use the local addresses in turn, so that each pair gets an equal share of the ports. `index` is the client's place in
 * its scenario, from 0. All scenarios share `ports`. `to` is where a script connects; what it does not say is as in the scenario.
 * Clients that connect in the same way get the same target. The function throws a `RenderError` if a URL is invalid.
 */
export const make = (
  plan: LoadPlan,
  { connect }: Pick<Scenario, "connect">,
  urls: LoadPlan["urls"],
  timeout: number,
  ports: LocalPorts
): ((variables: ClientValues, index: number, to?: Address) => Target) => {
  const places = urls.map((url) => constantOr(url, placeAt))
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
  const always = Compress.optionsOf(true)
  const targetAt = (place: Place, variables: ClientValues, index: number, to?: Address): Target => {
    const address = addresses[Math.floor(index / places.length) % addresses.length]
    return {
      url: place.url,
      headers: {
        ...place.headers,
        ...cookiesOf(place.url.hostname, variables),
        ...Object.fromEntries(headers.map(([name, template]) => [name, template(variables)])),
        ...to?.headers
      },
      subprotocols: to?.subprotocols ?? subprotocols.map((template) => template(variables)),
      local: address === undefined ? undefined : { address, nextPort: () => ports.next(address) },
      tls: place.url.protocol === "wss:" ? tls(variables) : undefined,
      compression: to?.compress === true ? always : compression,
      proxy: proxy?.(variables),
      socketPath: socketPath?.(variables),
      timeout
    }
  }
  const isSame = isSameForAll(plan, connect, urls)
  const shared = new Map<Place, Target>()
  return (variables, index, to) => {
    if (to !== undefined) return targetAt(placeAt(to.url), variables, index, to)
    const place = places[index % places.length]!(variables)
    if (!isSame || variables.cookiesFor(place.url.hostname) !== undefined) return targetAt(place, variables, index)
    const target = shared.get(place) ?? targetAt(place, variables, index)
    shared.set(place, target)
    return target
  }
}
