/** The links of the documentation site: those of the documents, and those of the built pages. */
import { readdir, readFile } from "node:fs/promises"
import { join, posix } from "node:path"

/** Parts of a document in which nothing is a link: blocks of code, and code in a line. */
const code = /(^(`{3,}).*?^\2`*$|`[^`\n]*`)/gms

/** Replaces the targets of a document's links to files. Links with a scheme, such as `https:`, stay. */
export const rewrite = (text: string, replace: (target: string) => string): string => {
  const links = (part: string) =>
    part.replaceAll(/\]\(([^)\s]+)\)/g, (whole, target: string) =>
      /^[a-z]+:/i.test(target) ? whole : `](${replace(target)})`
    )
  let rest = 0
  let done = ""
  for (const found of text.matchAll(code)) {
    done += links(text.slice(rest, found.index)) + found[0]
    rest = found.index + found[0].length
  }
  return done + links(text.slice(rest))
}

const unescaped = (text: string): string => decodeURIComponent(text.replaceAll("&amp;", "&"))

/** Every link and picture of the built pages that leads to no page, to no file, or to no such anchor: `page.html -> target`. */
export const brokenIn = async (folder: string, base: string): Promise<ReadonlyArray<string>> => {
  const names = (await readdir(folder, { recursive: true })).map((name) => name.replaceAll("\\", "/"))
  const files = new Set(names)
  const html = names.filter((name) => name.endsWith(".html"))
  const texts = new Map<string, string>()
  for (const name of html) texts.set(name, await readFile(join(folder, name), "utf8"))
  const anchors = new Map<string, ReadonlySet<string>>()
  for (const [name, text] of texts)
    anchors.set(name, new Set([...text.matchAll(/\sid="([^"]+)"/g)].map(([, id = ""]) => unescaped(id))))
  const isBroken = (page: string, link: string): boolean => {
    const [path = "", anchor] = unescaped(link).split("#")
    const from = posix.dirname(page)
    const target = path === "" ? page : path.startsWith(base) ? path.slice(base.length) : posix.join(from, path)
    const candidates = [target, posix.join(target, "index.html"), `${target}.html`]
    const found = candidates.find((name) => files.has(name) && (texts.has(name) || /\.\w+$/.test(name)))
    if (found === undefined) return true
    return anchor !== undefined && anchor !== "" && texts.has(found) && anchors.get(found)?.has(anchor) !== true
  }
  return [...texts].flatMap(([page, text]) =>
    [...new Set([...text.matchAll(/\s(?:href|src)="([^"]+)"/g)].map(([, link = ""]) => link))]
      .filter((link) => !/^([a-z]+:|\/\/)/i.test(link) && isBroken(page, link))
      .map((link) => `${page} -> ${link}`)
  )
}
