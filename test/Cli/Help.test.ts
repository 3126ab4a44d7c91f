/** The content and layout of `--help` for every command. */
import { readdirSync } from "node:fs"
import { stripVTControlCharacters } from "node:util"
import { assert, describe, it } from "@effect/vitest"
import * as Commands from "../../src/Cli/Commands.ts"
import * as Flag from "../../src/Cli/Flag.ts"
import { allPages, rootPage } from "../../src/Cli/Help/CommandHelp.ts"
import * as HelpFile from "../../src/Cli/Help/HelpFile.ts"
import * as HelpPage from "../../src/Cli/Help/HelpPage.ts"

const pages = await allPages()
const commands = Object.entries(pages).filter(([typed]) => typed !== "")

const flagsOf = (text: string): ReadonlyArray<string> => text.match(/(?<![\w'-])--?[a-z][a-z-]*/gi) ?? []

const entriesOf = (page: HelpPage.HelpPage) => page.sections.flatMap(({ entries }) => entries)

describe("help", () => {
  it.each(commands)("help of %s describes every option", (_, page) => {
    for (const { term, text } of entriesOf(page)) {
      assert.match(text, /^[A-Z].{10}/, term)
      assert.notMatch(term, /\b(text|redacted|integer)\b/, term)
      if (term.startsWith("-")) assert.match(text, /[.)]$/, term)
    }
    assert.isNotEmpty(page.examples)
  })

  it.each(["demo", "serve", "life", "echo"] as const)(
    "help has every option of %s once, in a group with a title",
    async (typed) => {
      const page = pages[typed]!
      assert.notInclude(
        page.sections.map(({ title }) => title),
        "Options"
      )
      const options = entriesOf(page).filter(({ term }) => term.startsWith("-"))
      const declared = Flag.flagsOf(await Commands.commands[typed].declaration())
      assert.sameMembers(
        options.map(({ term }) => term),
        declared.map(Flag.termOf)
      )
    }
  )

  it.each(commands)("help has examples of %s with valid options", (typed, page) => {
    for (const { term } of page.examples) {
      const isOfThis = term.startsWith(`effect-c10k ${typed}`)
      assert.isTrue(isOfThis, term)
      const known = entriesOf(page).flatMap((entry) => flagsOf(entry.term))
      assert.deepStrictEqual(
        flagsOf(term).filter((flag) => !known.includes(flag)),
        []
      )
    }
  })

  it("help has examples with patterns of the library", () => {
    const library = readdirSync(new URL("../../patterns", import.meta.url)).map((file) => file.replace(/\.\w+$/, ""))
    const used = commands.flatMap(([, page]) => page.examples.flatMap(({ term }) => / -p (\w+)/.exec(term)?.[1] ?? []))
    assert.isAbove(used.length, 1)
    assert.deepStrictEqual(
      used.filter((name) => !library.includes(name)),
      []
    )
  })

  it("help lists every command once", () => {
    const listed = entriesOf(rootPage).filter(({ term }) => !term.startsWith("-"))
    assert.sameMembers(
      listed.map(({ term }) => term),
      commands.map(([typed]) => typed)
    )
  })

  it.each([20, 40, 80, 200])("help fits %i columns, or 40 to 100", (columns) => {
    for (const [, page] of commands) {
      // An example to copy stays on one line.
      const copied = [`Usage: ${page.usage}`, ...page.examples.map(({ term }) => `  ${term}`)]
      const lines = HelpPage.render(page, { columns, colours: false }).split("\n")
      const long = lines.filter((line) => line.length > Math.max(40, Math.min(100, columns)) && !copied.includes(line))
      // A word may be longer than its column.
      assert.deepStrictEqual(
        long.filter((line) => line.trim().includes(" ")),
        []
      )
    }
  })

  it("help has colours only if they are wanted, and the same text without them", () => {
    const page = rootPage
    const coloured = HelpPage.render(page, { columns: 80, colours: true })
    const plain = HelpPage.render(page, { columns: 80, colours: false })
    assert.include(coloured, "\u001b[1m")
    assert.strictEqual(stripVTControlCharacters(coloured), plain)
    assert.strictEqual(stripVTControlCharacters(plain), plain)
  })

  it("help comes from the file only if the arguments are a command and --help", () => {
    assert.strictEqual(HelpFile.asked(["--help"], pages), rootPage)
    assert.strictEqual(HelpFile.asked(["life", "record", "-h"], pages), pages["life record"])
    for (const argv of [[], ["life"], ["lief", "--help"], ["serve", "--port", "80", "--help"], ["--help", "life"]]) {
      assert.isUndefined(HelpFile.asked(argv, pages), argv.join(" "))
    }
  })
})
