/** The pages of the documentation site that are made from what the code declares. */
import { readFile } from "node:fs/promises"
import { Agent, get } from "node:http"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import { WebSocket } from "ws"
import { allPages } from "../src/Cli/Help/CommandHelp.ts"
import type { HelpPage } from "../src/Cli/Help/HelpPage.ts"
import { ServerConsole } from "../src/Server/Operations/ServerConsole.ts"
import * as RelayServer from "../src/Server/RelayServer.ts"
import { WebSocketServer } from "../src/WebSocket/Api/WebSocketServer.ts"
import * as SettingsTable from "./settingsTable.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;")

const table = (titles: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [titles, titles.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const document = (title: string, purpose: string, ...parts: ReadonlyArray<string>): string =>
  `${[`# ${title}`, `After this page you can ${purpose}.`, ...parts].join("\n\n")}\n`

const command = (typed: string, page: HelpPage): string =>
  [
    `## ${typed === "" ? "effect-c10k" : typed}`,
    cell(page.description),
    `    ${page.usage}`,
    ...page.examples.map(({ term, text }) => `${cell(text)}:\n\n    ${term}`),
    ...page.sections.map(
      ({ entries, title }) =>
        `**${title}**\n\n${table(
          ["", ""],
          entries.map(({ term, text }) => [`\`${term.replaceAll("|", "\\|")}\``, cell(text)])
        )}`
    ),
    ...page.notes.map(cell)
  ].join("\n\n")

const options = async (): Promise<string> =>
  document(
    "Commands and options",
    "name each command and option, with its default. It is what `--help` shows",
    ...Object.entries(await allPages()).map(([typed, page]) => command(typed, page))
  )

/** The entries of an object in a source file: `Name: value,` with the comment above. */
const entriesOf = async (
  file: string
): Promise<ReadonlyArray<{ readonly value: string; readonly comment: string }>> => {
  const text = await readFile(new URL(`../${file}`, import.meta.url), "utf8")
  const object = /^export const \w+ = \{\n(.*?)^\} as const/ms.exec(text)?.[1] ?? ""
  const found = [...object.matchAll(/\/\*\*(.*?)\*\/\s*\w+: (.*?),?\n/gs)]
  if (found.length === 0) throw new Error(`${file}: expected an object with comments`)
  return found.map(([, comment = "", value = ""]) => ({ value, comment: comment.replaceAll(/\s+\*?\s*/g, " ").trim() }))
}

const closeCodes = async (): Promise<string> => {
  const standard = await entriesOf("src/WebSocket/Frames/CloseCode.ts")
  const own = await entriesOf("src/Protocol/CloseReason.ts")
  return document(
    "Close codes",
    "tell from a close code what happened to a connection. [Running the server](../operations.md#close-codes) says what a client should do",
    "## Of RFC 6455",
    table(
      ["code", "meaning"],
      standard.map(({ comment, value }) => [value, cell(comment)])
    ),
    "## Of protocol 0 and the watch protocol",
    table(
      ["code", "reason", "meaning"],
      own.map(({ comment, value }) => {
        const [, code = "", reason = ""] = /code: (\d+), reason: "(.*)"/.exec(value) ?? []
        return [code, reason, cell(comment)]
      })
    )
  )
}

/** The text of `/metrics` of a server to which one of each kind of client has come, since a metric with a label appears with its first event. */
const metricsText = Effect.gen(function* () {
  const { port } = Context.get(
    yield* Layer.build(
      RelayServer.layer({ host: "127.0.0.1", port: 0, drain: 0, maxAllCells: 4 }).pipe(
        Layer.provide(ServerConsole.layerSilent)
      )
    ),
    WebSocketServer
  )
  const visit = (path: string, message?: string) =>
    Effect.async<void>((resume) => {
      const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`)
      const leave = () => resume(Effect.void)
      socket.on("open", () => (message === undefined ? socket.close() : socket.send(message)))
      socket.on("close", leave)
      socket.on("error", leave)
    })
  yield* visit("/reset/", "2")
  for (const path of ["/worker/", "/watcher/", "/test/ws/", "/test/echo/", "/nowhere/"]) yield* visit(path)
  yield* visit("/games/one/reset/", "3")
  return yield* Effect.async<string>((resume) => {
    get(`http://127.0.0.1:${port}/metrics`, { agent: new Agent({ keepAlive: false }) }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (part) => {
        text += part
      })
      response.on("end", () => resume(Effect.succeed(text)))
    })
  })
}).pipe(Effect.scoped, Logger.withMinimumLogLevel(LogLevel.None))

const metrics = async (): Promise<string> => {
  const text = await Effect.runPromise(metricsText)
  const kinds = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = "", kind = ""]) => [name, kind]))
  const rows = [...text.matchAll(/^# HELP (\S+) (.*)$/gm)]
    .filter(([, name = ""]) => /^(effect_c10k|nodejs|process)_/.test(name))
    .map(([, name = "", help = ""]) => {
      const [, labels = ""] = new RegExp(`^${name}(?:_bucket)?\\{(.*?)\\}`, "m").exec(text) ?? []
      const names = [...labels.matchAll(/(\w+)=/g)].map(([, label]) => `\`${label}\``)
      return [`\`${name}\``, kinds.get(name) ?? "", names.join(", "), cell(help)]
    })
  const shown = new Set(rows.map(([name]) => name))
  const operations = await readFile(new URL("../docs/operations.md", import.meta.url), "utf8")
  const documented = [...operations.matchAll(/^\| (`effect_c10k_.*?) \|/gm)]
    .flatMap(([, names = ""]) => names.split(", "))
    .map((name) => name.replace(/\{.*\}/, ""))
  const lost = documented.filter((name) => !shown.has(name))
  if (lost.length > 0) throw new Error(`docs/operations.md has metrics that no server showed: ${lost.join(", ")}`)
  return document(
    "Metrics",
    "choose the metrics of a server for a graph or an alert. The table is what `/metrics` of a server shows; [Running the server](../operations.md#metrics) has the values of the labels",
    table(["metric", "kind", "labels", "what it is"], rows)
  )
}

interface SchemaNode {
  readonly title?: string
  readonly description?: string
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly $ref?: string
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly required?: ReadonlyArray<string>
  readonly items?: SchemaNode
  readonly anyOf?: ReadonlyArray<SchemaNode>
  readonly oneOf?: ReadonlyArray<SchemaNode>
  readonly patternProperties?: Readonly<Record<string, SchemaNode>>
}

/** A value in a few words: `text`, `{min, max}`, `list of Step`. */
const shapeOf = (node: SchemaNode): string => {
  if (node.enum !== undefined) return node.enum.map((value) => JSON.stringify(value)).join(" or ")
  if (node.$ref !== undefined) return node.$ref.replace(/^.*\//, "").toLowerCase()
  const choices = node.anyOf ?? node.oneOf
  if (choices !== undefined) return [...new Set(choices.map(shapeOf))].join(" or ")
  if (node.type === "array") return `list of ${node.items === undefined ? "anything" : shapeOf(node.items)}`
  if (node.properties !== undefined && Object.keys(node.properties).length > 0)
    return `{${Object.keys(node.properties).join(", ")}}`
  if (node.type === "object") return "names with values"
  return { string: "text", integer: "whole number" }[node.type ?? ""] ?? node.type ?? "any JSON"
}

const fields = ({ properties = {}, required = [] }: SchemaNode): string =>
  table(
    ["field", "value", ""],
    Object.entries(properties).map(([name, node]) => [
      `\`${name}\`${required.includes(name) ? " (required)" : ""}`,
      cell(shapeOf(node)),
      cell(node.description ?? node.title ?? "")
    ])
  )

const scenario = async (): Promise<string> => {
  const text = await readFile(new URL("../docs/scenario.schema.json", import.meta.url), "utf8")
  const schema: SchemaNode & { readonly $defs: Readonly<Record<string, SchemaNode>> } = JSON.parse(text)
  const [one = {}, several = {}] = schema.anyOf ?? []
  const step = schema.$defs["Step"] ?? {}
  if (step.properties === undefined || one.properties === undefined || several.properties === undefined)
    throw new Error("docs/scenario.schema.json: expected Step, a scenario and several scenarios")
  return document(
    "Scenario files",
    "look up each field of a scenario. [The guide](../echo.md) explains them, and `scenario.schema.json` of the package completes them in an editor",
    "## A scenario",
    fields(one),
    "## Several scenarios in one file",
    fields(several),
    "## A step",
    "A step has one of these fields.",
    fields(step),
    "## Steps of protocols",
    "With `protocol`, these fields are steps too. [Protocols on top of WebSockets](../echo-protocols.md) explains them.",
    ...Object.entries(schema.$defs).flatMap(([name, { properties = {}, required = [] }]) => {
      const own = Object.entries(properties).filter(([kind]) => step.properties?.[kind] === undefined)
      return name.startsWith("Step-")
        ? [`### ${name.slice("Step-".length)}`, fields({ properties: Object.fromEntries(own), required })]
        : []
    })
  )
}

/** The text of each page by its name in `reference/`. */
export const make = async (): Promise<Readonly<Record<string, string>>> => ({
  options: await options(),
  settings: document(
    "Settings of serve",
    "set each limit of the server, by an option or by an environment variable",
    SettingsTable.content().replaceAll(/^### /gm, "## ")
  ),
  metrics: await metrics(),
  "close-codes": await closeCodes(),
  scenario: await scenario()
})
