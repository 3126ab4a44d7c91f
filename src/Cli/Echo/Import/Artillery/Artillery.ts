/** Converts a script of Artillery whose engine is `ws` or `socketio` to a scenario. */
import { basename } from "node:path"
import * as Either from "effect/Either"
import * as Predicate from "effect/Predicate"
import * as Record from "effect/Record"
import type { Convert, Converted, Findings, Options } from "../Conversion.ts"
import { unlessEmpty } from "../Json.ts"
import { type Field, read } from "./Field.ts"
import { Flow } from "./Flow.ts"
import { convertPhases } from "./Phases.ts"
import { convert, convertMembers, convertText, type Meaning, type TemplateNames } from "./Templates.ts"
import { timeOf } from "./Times.ts"

const TIMEOUT = "10s"

/** Members of `config` that do not affect the messages, and the notes about them. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  http: "config.http is left out: it is not for WebSockets",
  plugins: "config.plugins is left out: see --stream for other tools, and --threshold",
  environments: "config.environments is left out: the script is converted as it runs without --environment",
  processor: "config.processor is left out: no step calls it",
  statsInterval: "config.statsInterval is left out: figures are recorded for each second"
}
const CONVERTED = new Set(["target", "phases", "ws", "socketio", "variables", "payload", "timeout", "ensure", "tls"])

const variable = (name: string, field: Field): readonly [string, Meaning] => [
  name,
  { name, isNumber: field.entries.every(({ value }) => typeof value === "number") }
]

/** If a variable has several values, each conversation gets a random one. */
const variableOf = (field: Field, names: TemplateNames): string | number | boolean => {
  const { value } = field
  if (typeof value === "number" || typeof value === "boolean") return value
  if (typeof value === "string") return convertText(field, value, names)
  const choices = field.entries.map((entry) => entry.text)
  if (choices.some((text) => text === undefined || /[(),|{}]/.test(text)))
    field.refuse("values with commas, braces or parentheses have no counterpart: put them into a data file")
  return `{{$choice(${choices.join(", ")})}}`
}

const dataOf = (payload: Field) => {
  const [path, fields] = [payload.member("path"), payload.member("fields")]
  if (path?.text === undefined || fields === undefined)
    return payload.refuse("a payload needs `path`, and `fields` with the names of its columns")
  for (const name of ["loadAll", "delimiter", "options"]) payload.member(name)?.refuse(`${name} has no counterpart`)
  const name = basename(path.text)
    .replace(/\.\w+$/, "")
    .replaceAll(/\W/g, "_")
  const columns = fields.entries.map((field) => field.text ?? "")
  if (payload.member("skipHeader")?.value !== true) {
    path.note(`${path.text} needs a first line with the names of its columns: ${columns.join(",")}`)
  }
  if (payload.member("cast")?.value !== false) {
    path.note("Artillery converts columns to numbers; here, write {{name | number}} in JSON")
  }
  const rows = payload.member("order")?.text === "sequence" ? ("in-order" as const) : ("random" as const)
  return { name, columns, data: { file: path.text, rows } }
}

/** All scenarios of a script, or the one with this name or number. */
const scenariosOf = (script: Field, wanted: string | undefined): ReadonlyArray<Field> => {
  const all = script.member("scenarios")
  const entries = all?.entries ?? []
  if (all === undefined || entries.length === 0) script.refuse("the script has no scenarios")
  if (wanted === undefined) return entries
  const named = entries.map((each, index) => [each.member("name")?.text ?? String(index + 1), each] as const)
  const found = named.find(([name]) => name === wanted)?.[1]
  if (found !== undefined) return [found]
  all?.refuse(`there is no scenario "${wanted}"; the scenarios are ${named.map(([name]) => name).join(", ")}`)
  return []
}

/** The handshake of `connect` or `config`, without what it does not say. */
const handshakeOf = (ws: Field | undefined, names: TemplateNames) => {
  ws?.allow(
    ["subprotocols", "headers", "target", "timeout", "rejectUnauthorized", "proxy", "perMessageDeflate"],
    (name) => `${name} of the connection has no counterpart in a scenario`
  )
  const headers = convertMembers(ws?.member("headers"), names)
  const isProtocol = (name: string) => name.toLowerCase() === "sec-websocket-protocol"
  const subprotocols = [
    ...(ws?.member("subprotocols")?.entries ?? []).map((field) => convert(field, names) ?? ""),
    ...headers.filter(([name]) => isProtocol(name)).flatMap(([, value]) => value.split(",").map((each) => each.trim()))
  ]
  const isCompressed = (ws?.member("perMessageDeflate")?.value ?? false) !== false
  return Record.filter(
    {
      tls: ws?.member("rejectUnauthorized")?.value === false ? { insecure: true } : undefined,
      compress: isCompressed ? true : undefined,
      proxy: convert(ws?.member("proxy")?.member("url"), names),
      headers: unlessEmpty(Object.fromEntries(headers.filter(([name]) => !isProtocol(name)))),
      subprotocols: unlessEmpty(subprotocols)
    },
    Predicate.isNotUndefined
  )
}

const tlsOf = (tls: Field | undefined) => {
  tls?.allow(["rejectUnauthorized"], (name) => `tls.${name}: write connect.tls with a file by hand`)
  return tls?.member("rejectUnauthorized")?.value === false ? { insecure: true } : undefined
}

const webSocketUrl = (url: string): string => url.replace(/^http/, "ws")

const connectOf = (config: Field | undefined, first: Field | undefined, names: TemplateNames): object | undefined => {
  const [target, connect, ws] = [config?.member("target"), first?.member("connect"), config?.member("ws")]
  connect?.member("function")?.refuse("JavaScript functions have no counterpart here")
  const own = connect?.isObject === true ? connect : undefined
  const written = own === undefined ? (connect ?? target) : (own.member("target") ?? target)
  if (written?.text === undefined) return first?.refuse("there is no server: config.target is missing")
  const url = written.text.replaceAll(/\{\{\s*target\s*\}\}/g, target?.text ?? "")
  return {
    url: webSocketUrl(convertText(written, url, names)),
    tls: tlsOf(config?.member("tls")),
    ...handshakeOf(ws, names),
    ...handshakeOf(own, names)
  }
}

const thresholdsOf = (ensure: Field | undefined): Options =>
  (ensure?.members ?? []).flatMap(([name, field]) => {
    if (name === "maxErrorRate") return ["--threshold", `failed.share<=${field.text}%`]
    field.note(`ensure.${name} is left out: it does not measure messages; use --threshold 'rtt.p99<50ms'`)
    return []
  })

/** Turns a name into one of letters, digits, _ and -, because it becomes part of the names of figures. */
const figureName = (name: string): string => {
  const plain = name.replaceAll(/[^\w-]+/g, "-").replaceAll(/^[^A-Za-z]+|-+$/g, "")
  return plain === "" ? "scenario" : plain
}

const isSocketIo = (scenario: Field): boolean => /^socketio(?:-v3)?$/.test(scenario.member("engine")?.text ?? "")

/** The handshake of Socket.IO. Its path and query are those of the protocol unless the script says others. */
const socketIoConnect = (config: Field | undefined, names: TemplateNames) => {
  const [target, own] = [config?.member("target"), config?.member("socketio")]
  if (target?.text === undefined) return config?.refuse("there is no server: config.target is missing")
  const [headers, path, query] = ["extraHeaders", "path", "query"].map((name) => own?.member(name))
  own?.allow(["extraHeaders", "path", "query", "transports"], (name) => `socketio.${name} has no counterpart`)
  const transports = own?.member("transports")
  if (transports === undefined || transports.entries.some(({ text }) => text !== "websocket"))
    (transports ?? own ?? target).note("transports: the clients begin with a WebSocket, without polling before it")
  const parameters = query?.isObject
    ? convertMembers(query, names).map(([name, value]) => `${name}=${value}`)
    : [convert(query, names) ?? []].flat()
  const host = webSocketUrl(convert(target, names) ?? "").replace(/\/$/, "")
  const place = (convert(path, names) ?? "").replace(/^\/?(.*?)\/?$/, "/$1/")
  return {
    // The protocol adds what is missing of the path and the parameters.
    url: `${host}${/^\/(socket\.io)?\/$/.test(place) ? "" : place}${parameters.length === 0 ? "" : `?${parameters.join("&")}`}`,
    tls: tlsOf(config?.member("tls")),
    headers: unlessEmpty(Object.fromEntries(convertMembers(headers, names)))
  }
}

const partOf = (scenario: Field, config: Field | undefined, names: TemplateNames) => {
  scenario.allow(["name", "engine", "weight", "flow"], (name) => `${name} has no counterpart`)
  const engine = scenario.member("engine")
  if (engine?.value !== "ws" && !isSocketIo(scenario)) {
    return (engine ?? scenario).refuse(`the engine is ${engine?.text ?? "http"}: only ws and socketio are converted`)
  }
  const flow = scenario.member("flow")
  if (flow === undefined) return scenario.refuse("the scenario has no flow")
  const [first, ...others] = flow.entries
  const connects = first?.member("connect") !== undefined
  return {
    connect: isSocketIo(scenario) ? socketIoConnect(config, names) : connectOf(config, first, names),
    steps: new Flow(names, flow, isSocketIo(scenario)).whole(connects ? others : flow.entries)
  }
}

const weightOf = (scenario: Field): number => {
  const weight = scenario.member("weight")
  if (weight === undefined) return 1
  const value = Number(weight.text)
  if (!Number.isInteger(value) || value < 1 || value > 1000) weight.refuse("expected a whole weight from 1 to 1000")
  return value
}

/** Converts the script to a scenario, or to several with weights. Parts without a counterpart are added to the refusals of `findings`. */
const convertScript = (script: Field, wanted: string | undefined): Converted | undefined => {
  const config = script.member("config")
  for (const name of ["before", "after"]) script.member(name)?.refuse(`${name} has no counterpart`)
  for (const [name, field] of config?.members ?? []) {
    const left = LEFT_OUT[name]
    if (left !== undefined) field.note(left)
    else if (!CONVERTED.has(name)) field.refuse(`config.${name} has no counterpart`)
  }
  const payloads = (config?.member("payload")?.entries ?? []).flatMap((payload) => dataOf(payload) ?? [])
  const variables = config?.member("variables")?.members ?? []
  const names = new Map<string, Meaning>([
    ...variables.map(([name, field]) => variable(name, field)),
    ...payloads.flatMap(({ columns, name }) =>
      columns.map((column) => [column, { name: `${name}.${column}` }] as const)
    )
  ])
  const timeout = config?.member("timeout") ?? config?.member("ws")?.member("timeout")
  const common = {
    data: unlessEmpty(Object.fromEntries(payloads.map(({ data, name }) => [name, data]))),
    variables: unlessEmpty(Object.fromEntries(variables.map(([name, field]) => [name, variableOf(field, names)]))),
    timeout: (timeout === undefined ? undefined : timeOf(timeout)) ?? TIMEOUT,
    unmatched: "ignore"
  }
  const chosen = scenariosOf(script, wanted)
  const kinds = new Set(chosen.map(isSocketIo))
  if (kinds.size > 1)
    chosen[1]?.refuse("scenarios of ws and of socketio can't be one run: convert one with --scenario NAME")
  const protocol = kinds.has(true) ? "socket.io" : undefined
  const parts = chosen.flatMap((scenario, index) => {
    const part = partOf(scenario, config, names)
    const name = scenario.member("name")?.text ?? `scenario-${index + 1}`
    return part === undefined ? [] : [{ name, weight: weightOf(scenario), ...part }]
  })
  const [first, ...others] = parts
  if (first === undefined) return undefined
  const { connect, name, steps } = first
  return {
    scenario:
      others.length === 0
        ? { name, protocol, connect, ...common, steps }
        : { protocol, ...common, scenarios: parts.map((part) => ({ ...part, name: figureName(part.name) })) },
    options: [...convertPhases(config?.member("phases")), ...thresholdsOf(config?.member("ensure"))]
  }
}

/** Converts the scenario with this name, or all. On the left: the line and the reason of a syntax error. */
export const convertArtillery = (text: string, findings: Findings, wanted: string | undefined): ReturnType<Convert> =>
  Either.map(read(text, findings), (script) => convertScript(script, wanted))
