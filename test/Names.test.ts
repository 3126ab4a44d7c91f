/** The names of the code use the field's words. */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, it } from "@effect/vitest"
import ts from "typescript"

/** These meant many things at once: publish, log, post, report; pause, cork, retain; poll. */
const banned = /^(?:tell|tells|telling|told|hold|holds|holding|held|look|looks|looking|looked)$/i

/** As a whole name these do not say what they limit. */
const vague = /^(?:MOST|PATIENCE)$/

const isBanned = (name: string): boolean =>
  vague.test(name) || (name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? []).some((word) => banned.test(word))

/** The names that a source uses, with those of private members, without words of comments and texts. */
const namesOf = (file: string, text: string): ReadonlySet<string> => {
  const names = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) names.add(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest))
  return names
}

const bannedIn = (file: string, text: string): ReadonlyArray<string> => [...namesOf(file, text)].filter(isBanned)

it("no name has a word that means many things", async () => {
  const found: Array<string> = []
  for (const folder of ["src", "static"]) {
    const root = fileURLToPath(new URL(`../${folder}`, import.meta.url))
    for (const file of await readdir(root, { recursive: true })) {
      if (!file.endsWith(".ts")) continue
      const text = await readFile(join(root, file), "utf8")
      found.push(...bannedIn(file, text).map((name) => `${folder}/${file}: ${name}`))
    }
  }
  assert.deepStrictEqual(found, [])
})

it("a word is found within a name, and not in a longer word, a comment or a text", () => {
  const text = `
    // what it holds and tells
    class Queue { #toldSteps = 0; onHold() { return "told" } }
    const threshold = LOOK_PAUSE, lookup = held, household = { MOST: mostBytes }`
  assert.deepStrictEqual(bannedIn("Queue.ts", text), ["#toldSteps", "onHold", "LOOK_PAUSE", "held", "MOST"])
})
