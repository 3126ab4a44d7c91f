/** What the documents point to is there. */
import { access, readdir, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import * as SettingsTable from "../scripts/settingsTable.ts"
import { settings } from "../src/Server/ServerConfig.ts"
import { commandsIn, problemOf, wordsOf } from "./shownCommands.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

const read = (file: string) => readFile(join(root, file), "utf8")

const markdown = async (folder: string) =>
  (await readdir(join(root, folder))).filter((name) => name.endsWith(".md")).map((name) => join(folder, name))

const documents = (
  await Promise.all([".", "docs", "docs/tutorials", "docs/decisions", "examples"].map(markdown))
).flat()

/** The pages that a reader chooses by what they are good for. A decision is chosen by its title. */
const guides = documents.filter((file) => !/^(README|CHANGELOG)|decisions\/(?!README)/.test(file))

/** The links of a document to files of the project, relative to its root. */
const linksOf = async (file: string): Promise<ReadonlyArray<string>> =>
  [...(await read(file)).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target.replace(/#.*$/, ""))
    .filter((target) => target !== "" && !/^[a-z]+:/.test(target))
    .map((target) => join(dirname(file), target))

/** Paths of source, tests and scripts that a document names in backticks, but for those of a `NAME` to be chosen. */
const pathsOf = async (file: string): Promise<ReadonlyArray<string>> =>
  [...(await read(file)).matchAll(/`((?:src|test|bench|scripts|static|patterns)\/[\w./-]*)`/g)]
    .map(([, path = ""]) => path)
    .filter((path) => !path.includes("NAME"))

/** Names of types, functions and fields that a document gives in backticks, without its examples: `Layer.provide` names two. */
const identifiersOf = async (file: string): Promise<ReadonlyArray<string>> =>
  [...(await read(file)).replaceAll(/^```.*?^```/gms, "").matchAll(/`([A-Za-z_][\w.]*)(?:\(\))?`/g)]
    .flatMap(([, names = ""]) => names.split("."))
    .filter((name) => /[a-z][A-Z]|^[A-Z][a-z]/.test(name))

/** All words of the project's own code, and those of Effect and of versions that documents name. */
const wordsOfCode = async (): Promise<ReadonlySet<string>> => {
  const folders = ["src", "static", "test", "bench", "scripts", "examples"]
  const files = (
    await Promise.all(
      folders.map(async (folder) =>
        (
          await readdir(join(root, folder), { recursive: true })
        )
          .filter((name) => /\.(?:ts|mjs|js|py|c)$/.test(name) && !name.includes("node_modules"))
          .map((name) => join(folder, name))
      )
    )
  ).flat()
  // This file names those that are expected to be missing.
  const texts = await Promise.all(
    [...files.filter((file) => file !== "test/Docs.test.ts"), "package.json", "vitest.config.ts"].map(read)
  )
  return new Set(["vMAJOR", "securityDecode", ...texts.flatMap((text) => text.match(/[A-Za-z_$][\w$]*/g) ?? [])])
}

const missing = async (paths: ReadonlyArray<string>) => {
  const found = await Promise.allSettled(paths.map((path) => access(join(root, path))))
  return paths.filter((_, index) => found[index]?.status === "rejected")
}

describe("documents", () => {
  it.each(documents)("%s links to what is there", async (file) => {
    assert.deepStrictEqual(await missing(await linksOf(file)), [])
  })

  it.each(["README.md", "CONTRIBUTING.md", "docs/architecture.md"])("%s names files that are there", async (file) => {
    assert.deepStrictEqual(await missing(await pathsOf(file)), [])
  })

  it.each(guides)("%s begins with what one can do after it", async (file) => {
    assert.match(await read(file), /^# .*\n\n(?:<!--.*-->\n\n)?After this page you (?:can|know) /)
  })

  it("tutorials show commands that the command line accepts", async () => {
    const files = await markdown("docs/tutorials")
    const lines = (await Promise.all(files.map(read))).flatMap(commandsIn)
    assert.isAbove(lines.length, 10)
    for (const line of lines) assert.isUndefined(await problemOf(wordsOf(line).slice(1)))
  })

  it("tutorials show code that is a file of the project", async () => {
    for (const file of await markdown("docs/tutorials"))
      for (const [, source = "", code] of (await read(file)).matchAll(/^```ts file=(\S+)\n(.*?)^```$/gms))
        assert.strictEqual(code, await read(source), source)
  })

  it("documents name identifiers that the code has", async () => {
    const words = await wordsOfCode()
    const files = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/api.md", "docs/log.md"]
    const unknown = await Promise.all(
      files.map(async (file) =>
        (await identifiersOf(file)).filter((name) => !words.has(name)).map((name) => `${file}: ${name}`)
      )
    )
    assert.deepStrictEqual(unknown.flat(), [])
  })

  it("the index of decisions has each decision, under its title", async () => {
    const index = await read("docs/decisions/README.md")
    const decisions = (await readdir(join(root, "docs/decisions"))).filter((name) => /^\d/.test(name))
    for (const name of decisions) {
      const [, number, title] = /^# (\d+)\. (.*)$/m.exec(await read(`docs/decisions/${name}`)) ?? assert.fail(name)
      assert.strictEqual(Number(name.slice(0, 4)), Number(number))
      assert.include(index, `| ${number} | [${title}](${name}) |`)
    }
  })

  it("the tables of settings are those that the options make: `npm run settings`", async () => {
    const document = await read("docs/operations.md")
    assert.strictEqual(document, SettingsTable.update(document))
    for (const { flag } of Object.values(settings)) assert.match(SettingsTable.content(), new RegExp(`--${flag}[ \`]`))
  })

  it("package, command line and changelog agree on the version", async () => {
    const { version } = JSON.parse(await read("package.json")) as { readonly version: string }
    assert.include(await read("src/Cli/About.ts"), `version: "${version}"`)
    assert.match(await read("CHANGELOG.md"), new RegExp(`^## \\[${version.replaceAll(".", "\\.")}\\]`, "m"))
  })
})
