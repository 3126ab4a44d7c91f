/** What the documents point to is there. */
import { access, readdir, readFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"

const root = fileURLToPath(new URL("..", import.meta.url))

const read = (file: string) => readFile(join(root, file), "utf8")

const markdown = async (folder: string) =>
  (await readdir(join(root, folder))).filter((name) => name.endsWith(".md")).map((name) => join(folder, name))

const documents = (await Promise.all([".", "docs", "docs/decisions"].map(markdown))).flat()

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

  it("the index of decisions has each decision, under its title", async () => {
    const index = await read("docs/decisions/README.md")
    const decisions = (await readdir(join(root, "docs/decisions"))).filter((name) => /^\d/.test(name))
    for (const name of decisions) {
      const [, number, title] = /^# (\d+)\. (.*)$/m.exec(await read(`docs/decisions/${name}`)) ?? assert.fail(name)
      assert.strictEqual(Number(name.slice(0, 4)), Number(number))
      assert.include(index, `| ${number} | [${title}](${name}) |`)
    }
  })

  it("package, command line and changelog agree on the version", async () => {
    const { version } = JSON.parse(await read("package.json")) as { readonly version: string }
    assert.include(await read("src/Cli/About.ts"), `version: "${version}"`)
    assert.match(await read("CHANGELOG.md"), new RegExp(`^## \\[${version.replaceAll(".", "\\.")}\\]`, "m"))
  })
})
