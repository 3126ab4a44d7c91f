/** What outputs don't show: passwords and tokens in URLs, headers and cookies, and values of the environment with such names. */
import { type LoadPlan, scenariosOf } from "./LoadPlan.ts"
import * as Template from "./Template.ts"

const MASK = "***"

/** Shorter values would occur by chance in other texts. */
const SHORTEST = 4

const NAMES = /token|secret|passw|pwd|api-?_?key|auth|cookie|session|credential|signature|^(?:key|sig|jwt|code)$/i

/** Headers whose values are no secrets. */
const OPEN_HEADERS = /^(?:accept.*|cache-control|content-.*|host|origin|pragma|referer|user-agent|sec-websocket-.*)$/i

/** A URL without its user, password and secret parameters. Other text stays as it is. */
export const maskUrl = (text: string): string =>
  text
    .replace(/^([a-z][\w+.-]*:\/\/)[^/?#]*@/i, `$1${MASK}@`)
    .replaceAll(/([?&])([^=&#]+)=([^&#]*)/g, (whole, mark: string, name: string) =>
      NAMES.test(name) ? `${mark}${name}=${MASK}` : whole
    )

/** `Name: value` or `name=value`, with the value masked. */
const maskPair = (text: string): string => {
  const [, name, separator] = /^([^:=]*)([:=]\s*)/.exec(text) ?? []
  return name === undefined || separator === undefined || OPEN_HEADERS.test(name.trim())
    ? text
    : name + separator + MASK
}

const inUrl = (text: string): ReadonlyArray<string> => {
  if (!URL.canParse(text)) return []
  const { password, searchParams, username } = new URL(text)
  const basic = username === "" ? "" : Buffer.from(`${username}:${password}`).toString("base64")
  const parameters = [...searchParams].flatMap(([name, value]) => (NAMES.test(name) ? [value] : []))
  return [decodeURIComponent(password), basic, ...parameters]
}

const constants = (templates: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries(templates).flatMap(([name, text]) =>
    OPEN_HEADERS.test(name) || !Template.isConstant(text) ? [] : [text, ...text.split(/\s+/)]
  )

/** The scheme of an `Authorization` header is no secret. */
const SCHEMES = new Set(["bearer", "basic", "digest", "token"])

/** A function that masks the secrets of a plan in any text. */
export const redactor = (plan: Pick<LoadPlan, "scenario" | "scenarios" | "urls" | "environment">) => {
  const connects = scenariosOf(plan).map(({ scenario }) => scenario.connect)
  const values = [
    ...plan.urls.flatMap(inUrl),
    ...connects.flatMap(({ cookies, headers, proxy, url }) => [
      ...inUrl(url ?? ""),
      ...inUrl(proxy ?? ""),
      ...constants(headers),
      ...Object.values(cookies ?? {}).filter(Template.isConstant)
    ]),
    ...Object.entries(plan.environment).flatMap(([name, value]) => (NAMES.test(name) ? [value] : []))
  ].filter((value) => value.length >= SHORTEST && !SCHEMES.has(value.toLowerCase()))
  const secrets = [...new Set(values)].toSorted((a, b) => b.length - a.length)
  if (secrets.length === 0) return (text: string): string => text
  return (text: string): string => secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text)
}

/** The URLs of a plan, for people. */
export const urlsOf = ({ urls }: Pick<LoadPlan, "urls">): ReadonlyArray<string> => urls.map(maskUrl)

const masks: Readonly<Record<string, (text: string) => string>> = {
  headers: maskPair,
  cookies: maskPair,
  urls: maskUrl,
  proxy: maskUrl,
  nats: (text) => text.split(",").map(maskUrl).join(","),
  streams: (text) =>
    text.replace(/^([\w-]+=)?(.*)$/s, (_, kind: string | undefined, url: string) => (kind ?? "") + maskUrl(url))
}

/** Options of the command line, by name, with their secrets masked. */
export const maskOptions = (options: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(options).map(([name, value]) => {
      const mask = masks[name]
      if (mask === undefined) return [name, value]
      if (typeof value === "string") return [name, mask(value)]
      return [name, Array.isArray(value) ? value.map((each) => (typeof each === "string" ? mask(each) : each)) : value]
    })
  )
