/** What outputs don't show: passwords and tokens in URLs, headers and cookies, and values of the environment with such names. */
import { type LoadPlan, scenariosOf } from "./LoadPlan.ts"
import * as Template from "./Template.ts"

const MASK = "***"

/** Shorter values would occur by chance in other texts. */
const SHORTEST = 4

const NAMES = /token|secret|passw|pwd|api-?_?key|auth|cookie|session|credential|signature|^(?:key|sig|jwt|code)$/i

/** Whether a variable, header, parameter or member of this name has a secret. Of a column such as `users.password`, its own name counts. */
export const isSecretName = (name: string): boolean => NAMES.test(name.slice(name.lastIndexOf(".") + 1))

/** A member of JSON with its text, also inside a quoted message. A message that was cut has no end. */
const MEMBER = /(\\*")([\w.-]+)\1\s*:\s*\1((?:(?!\1).)*)/g

/** Masks the texts of members with names of secrets in anything that quotes JSON. */
const maskMembers = (text: string): string =>
  text.replaceAll(MEMBER, (whole, _quote: string, name: string, value: string) =>
    value.length >= SHORTEST && !value.includes("{{") && isSecretName(name)
      ? whole.slice(0, whole.length - value.length) + MASK
      : whole
  )

/** Masks the secrets of a plan, and `more` of them, in a text. */
export type Redact = (text: string, more?: ReadonlyArray<string>) => string

const replace = (text: string, secrets: ReadonlyArray<string>): string =>
  secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text)

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

export const redactor = (
  plan: Pick<LoadPlan, "scenario" | "scenarios" | "urls" | "environment" | "shared">
): Redact => {
  const connects = scenariosOf(plan).map(({ scenario }) => scenario.connect)
  const values = [
    ...plan.urls.flatMap(inUrl),
    ...connects.flatMap(({ cookies, headers, proxy, url }) => [
      ...inUrl(url ?? ""),
      ...inUrl(proxy ?? ""),
      ...constants(headers),
      ...Object.values(cookies ?? {}).filter(Template.isConstant)
    ]),
    ...Object.entries({ ...plan.environment, ...plan.shared }).flatMap(([name, value]) =>
      isSecretName(name) ? [value] : []
    )
  ]
  const orderly = (secrets: ReadonlyArray<string>) =>
    [...new Set(secrets)]
      .filter((value) => value.length >= SHORTEST && !SCHEMES.has(value.toLowerCase()))
      .toSorted((a, b) => b.length - a.length)
  const secrets = orderly(values)
  return (text, more = []) => maskMembers(replace(text, more.length === 0 ? secrets : orderly([...values, ...more])))
}

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

/** The option of the command line to which each mask belongs. */
const FLAGS: Readonly<Record<string, string>> = {
  "--header": "headers",
  "--cookie": "cookies",
  "--url": "urls",
  "--proxy": "proxy",
  "--nats": "nats",
  "--stream": "streams"
}

/** The arguments of the command line as one line, with their secrets masked, and quoted for a shell. */
export const maskArguments = (given: ReadonlyArray<string>): string => {
  const masked = given.map((argument, index) => {
    const [, flag = "", value] = /^(--[\w-]+)=(.*)$/s.exec(argument) ?? []
    if (value !== undefined) return `${flag}=${masks[FLAGS[flag] ?? ""]?.(value) ?? maskUrl(value)}`
    return masks[FLAGS[given[index - 1] ?? ""] ?? ""]?.(argument) ?? maskUrl(argument)
  })
  return masked.map((text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)).join(" ")
}

/** A scenario as it is written in a file, with the values of members that have names of secrets masked. Templates stay. */
export const maskScenario = (value: unknown, name = ""): unknown => {
  if (typeof value === "string") {
    if (isSecretName(name) && Template.isConstant(value)) return MASK
    return URL.canParse(value) ? maskUrl(value) : value
  }
  if (Array.isArray(value)) return value.map((each: unknown) => maskScenario(each, name))
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, key === "capture" ? each : maskScenario(each, key)])
  )
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
