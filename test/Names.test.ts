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

/** What a check finds in the sources of some folders. */
const findIn = async (folders: ReadonlyArray<string>, check: (file: string, text: string) => ReadonlyArray<string>) => {
  const found: Array<string> = []
  for (const folder of folders) {
    const root = fileURLToPath(new URL(`../${folder}`, import.meta.url))
    for (const file of await readdir(root, { recursive: true })) {
      if (!file.endsWith(".ts")) continue
      const text = await readFile(join(root, file), "utf8")
      found.push(...check(file, text).map((name) => `${folder}/${file}: ${name}`))
    }
  }
  return found
}

it("no name has a word that means many things", async () => {
  assert.deepStrictEqual(await findIn(["src", "static", "test", "bench", "scripts", "examples"], bannedIn), [])
})

it("a word is found within a name, and not in a longer word, a comment or a text", () => {
  const text = `
    // what it holds and tells
    class Queue { #toldSteps = 0; onHold() { return "told" } }
    const threshold = LOOK_PAUSE, lookup = held, household = { MOST: mostBytes }`
  assert.deepStrictEqual(bannedIn("Queue.ts", text), ["#toldSteps", "onHold", "LOOK_PAUSE", "held", "MOST"])
})

const upperCase = /^[A-Z][A-Z0-9_]*$/

/** Whether an expression is a number or a text that is known without running the program. */
const isLiteral = (node: ts.Expression): boolean => {
  if (ts.isParenthesizedExpression(node)) return isLiteral(node.expression)
  if (ts.isPrefixUnaryExpression(node)) return isLiteral(node.operand)
  if (ts.isBinaryExpression(node)) return isLiteral(node.left) && isLiteral(node.right)
  if (ts.isIdentifier(node)) return upperCase.test(node.text)
  return ts.isNumericLiteral(node) || ts.isStringLiteralLike(node)
}

/** The constants of a module that are numbers or texts, and are not written in upper case. */
const otherStyleIn = (file: string, text: string): ReadonlyArray<string> =>
  ts
    .createSourceFile(file, text, ts.ScriptTarget.Latest)
    .statements.filter(ts.isVariableStatement)
    .filter(({ declarationList }) => (declarationList.flags & ts.NodeFlags.Const) !== 0)
    .flatMap(({ declarationList }) => [...declarationList.declarations])
    .filter(({ initializer }) => initializer !== undefined && isLiteral(initializer))
    .flatMap(({ name }) => (ts.isIdentifier(name) && !upperCase.test(name.text) ? [name.text] : []))

it("constants of a module that are numbers or texts are in upper case", async () => {
  assert.deepStrictEqual(await findIn(["src", "static"], otherStyleIn), [])
})

it("a constant in another style is found, and a value that is computed or changes is none", () => {
  const text = `
    const maxBytes = 4 * 1024
    export const SECONDS = 60, minutes = -(SECONDS * 60)
    const name = \`c10k\`
    const now = Date.now()
    let nextId = 0
    const limits = { least: 1 }`
  assert.deepStrictEqual(otherStyleIn("Limits.ts", text), ["maxBytes", "minutes", "name"])
})
