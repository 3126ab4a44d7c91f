import * as WebSocketUrl from "../../Text/WebSocketUrl.ts"
import type { LoadPlan } from "../Scenario/LoadPlan.ts"
import * as Template from "../Scenario/Template.ts"
import type { Target } from "./Dialer.ts"
import { LocalPorts } from "./LocalPorts.ts"

interface Place {
  readonly url: URL
  /** Those that the url's user and password ask for. */
  readonly headers: Readonly<Record<string, string>>
}

/** Percent signs that encode nothing stand for themselves. */
const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** A url whose user and password went into a header: a WebSocket's own url has none. */
const placeOf = (url: URL): Place => {
  if (url.username === "" && url.password === "") return { url, headers: {} }
  const credentials = `${decoded(url.username)}:${decoded(url.password)}`
  const bare = new URL(url)
  bare.username = ""
  bare.password = ""
  return { url: bare, headers: { authorization: `Basic ${Buffer.from(credentials).toString("base64")}` } }
}

const placeFor = (text: string): ((variables: Template.Variables) => Place) => {
  const parse = (rendered: string): Place => {
    const url = WebSocketUrl.parse(rendered)
    if (url === undefined) throw new Template.RenderError(`"${rendered}" is no WebSocket url`)
    return placeOf(url)
  }
  if (Template.isConstant(text)) {
    const place = parse(text)
    return () => place
  }
  const template = Template.compile(text)
  return (variables) => parse(template(variables))
}

/**
 * Where each client connects to: the clients take the urls in turn, and those of one url take the local addresses in
 * turn, so that every pair of both gets its even share of ports. Throws a `RenderError` where a url is none.
 */
export const make = (plan: LoadPlan, timeout: number): ((variables: Template.Variables) => Target) => {
  const places = plan.urls.map(placeFor)
  const addresses = plan.localAddresses
  const ports = new LocalPorts(plan.localPorts, plan.share)
  const headers = Object.entries(plan.scenario.connect.headers).map(
    ([name, value]) => [name.toLowerCase(), Template.compile(value)] as const
  )
  const subprotocols = plan.scenario.connect.subprotocols.map(Template.compile)
  return (variables) => {
    const index = variables.client - 1
    const address = addresses[Math.floor(index / places.length) % addresses.length]
    const place = places[index % places.length]!(variables)
    return {
      url: place.url,
      headers: {
        ...place.headers,
        ...Object.fromEntries(headers.map(([name, template]) => [name, template(variables)]))
      },
      subprotocols: subprotocols.map((template) => template(variables)),
      local: address === undefined ? undefined : { address, nextPort: () => ports.next(address) },
      timeout,
      ca: plan.ca
    }
  }
}
