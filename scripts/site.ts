/**
 * Builds the documentation site in `docs/site/dist`: `npm run docs`. `-- --preview` then serves it.
 *
 * Its pages are the documents, the reference of the API and of what the code declares (`siteReference.ts`), and each file of the project to which a
 * document links. So all links stay in the site. At the end each link and anchor of the built pages is followed.
 */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises"
import { dirname, extname, join, posix, relative, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import * as SiteLinks from "./siteLinks.ts"
import * as SiteReference from "./siteReference.ts"

const root = fileURLToPath(new URL("../", import.meta.url))
const site = join(root, "docs/site")
const pages = join(site, "pages")
const built = join(site, "dist")

const fail = (reason: string): never => {
  console.error(`documentation site: ${reason}`)
  process.exit(1)
}

const run = (cwd: string, file: string, ...args: ReadonlyArray<string>): void => {
  const { error, status, stderr, stdout } = spawnSync(file, args, { cwd, encoding: "utf8" })
  if (status !== 0) fail(`${file} ${args.join(" ")}\n${stdout}${stderr}${error?.message ?? ""}`)
}

/** VitePress and its packages have a lock of their own, so that `npm ci` of the project does not install them. */
const install = (): void => {
  const { dependencies } = JSON.parse(readFileSync(join(site, "package.json"), "utf8"))
  const isThere = ([name, version]: [string, unknown]) => {
    const manifest = join(site, "node_modules", name, "package.json")
    return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version
  }
  if (!Object.entries(dependencies).every(isThere)) run(site, "npm", "ci", "--ignore-scripts", "--prefer-offline")
}

/** Writes a page, given its path in the site. */
const write = async (path: string, text: string): Promise<void> => {
  const file = join(pages, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

const languages: Readonly<Record<string, string>> = {
  ".cfg": "txt",
  ".conf": "nginx",
  ".service": "ini",
  ".yml": "yaml",
  ".mjs": "js"
}

/** A file of the project as a page: documents as they are, others as code, and folders as lists of their files. */
const filePage = async (path: string): Promise<string> => {
  const file = join(root, path)
  if ((await stat(file)).isDirectory()) {
    const names = (await readdir(file)).filter((name) => name !== "node_modules").sort()
    // The many patterns stay names, because a page each would make the site slow to build.
    const entry = (name: string) => (names.length > 12 ? `- ${name}` : `- [${name}](${posix.join(path, name)})`)
    return `# ${path}\n\n${names.map(entry).join("\n")}\n`
  }
  const text = await readFile(file, "utf8")
  if (path.endsWith(".md")) return text
  const extension = extname(path)
  return `# ${path}\n\n\`\`\`\`${languages[extension] ?? (extension.slice(1) || "txt")}\n${text}\`\`\`\`\n`
}

/** Where a file of the project is in the site, and whether it has to be made: what is under `docs/` keeps its place. */
const placeOf = (path: string): { readonly page: string; readonly isOutside: boolean } => {
  if (path === "docs/README.md" || path === "docs") return { page: "index.md", isOutside: false }
  const inDocs = /^docs\/(?!public-api|scenario\.schema)(.*)$/.exec(path)?.[1]
  if (inDocs !== undefined) return { page: inDocs.replace(/(^|\/)README\.md$/, "$1index.md"), isOutside: false }
  return { page: `files/${path.replace(/\.md$/, "")}.md`.replace(/README\.md$/, "index.md"), isOutside: true }
}

/** Writes the documents, and what they link to. */
const addDocuments = async (): Promise<void> => {
  const documents = (await readdir(join(root, "docs"), { recursive: true }))
    .map((name) => posix.join("docs", name.replaceAll("\\", "/")))
    .filter((name) => name.endsWith(".md") && !name.startsWith("docs/site/") && !name.endsWith("/template.md"))
  const waiting = [...documents, "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
  const seen = new Set(waiting)
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    const { isOutside, page } = placeOf(path)
    const isFolder = isOutside && (await stat(join(root, path))).isDirectory()
    const folder = isFolder ? "." : dirname(path)
    const text = await filePage(path)
    const linked = SiteLinks.rewrite(text, (target) => {
      const [to = "", anchor] = target.split("#")
      const found = to === "" ? path : posix.join(folder, to).replace(/\/$/, "")
      if (!existsSync(join(root, found))) return target
      const isPicture = /\.(svg|png)$/.test(found)
      if (!isPicture && !seen.has(found)) waiting.push(found)
      seen.add(found)
      const place = isPicture ? found.replace(/^docs\//, "") : placeOf(found).page
      const href = posix.relative(posix.dirname(page), place)
      return `${href.startsWith(".") ? href : `./${href}`}${anchor === undefined ? "" : `#${anchor}`}`
    })
    await write(page, linked.replaceAll(/(<img [^>]*src=")(?=\w[^":]*")/g, "$1./"))
  }
  for (const folder of ["images", "benchmarks"])
    await cp(join(root, "docs", folder), join(pages, folder), { recursive: true })
}

/** TypeDoc counts a type and a value of one name as two headings, though its page has one. */
const repairAnchors = async (folder: string): Promise<void> => {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".md"))
  const texts = new Map<string, string>()
  for (const name of names) texts.set(name, await readFile(join(folder, name), "utf8"))
  for (const [name, text] of texts) {
    const repaired = text.replaceAll(
      /\((\S*?\.md)?#([a-z]\w*)-(\d+)\)/g,
      (whole, to, title: string, number: string) => {
        const target = texts.get(to === undefined ? name : posix.join(posix.dirname(name), to)) ?? ""
        const headings = [...target.matchAll(/^#+ (\w+)/gm)].filter(([, word = ""]) => word.toLowerCase() === title)
        return headings.length > Number(number) ? whole : `(${to ?? ""}#${title})`
      }
    )
    if (repaired !== text) await writeFile(join(folder, name), repaired)
  }
}

const apiReference = async (): Promise<void> => {
  const plugin = join(site, "node_modules/typedoc-plugin-markdown/dist/index.js")
  const layout = [
    "--outputFileStrategy",
    "modules",
    "--entryFileName",
    "index",
    "--hidePageHeader",
    "--hideBreadcrumbs"
  ]
  run(root, "node_modules/.bin/typedoc", "--logLevel", "Warn", "--plugin", plugin, ...layout)
  await repairAnchors(join(pages, "reference/api"))
}

process.chdir(root)
install()
await rm(pages, { recursive: true, force: true })
await rm(built, { recursive: true, force: true })
await addDocuments()
for (const [name, text] of Object.entries(await SiteReference.make())) await write(`reference/${name}.md`, text)
await apiReference()
run(site, "node_modules/.bin/vitepress", "build", ".")
const broken = await SiteLinks.brokenIn(built, process.env["SITE_BASE"] ?? "/")
if (broken.length > 0) fail(`these links lead nowhere:\n${broken.join("\n")}`)
console.log(`The site is in ${relative(process.cwd(), resolve(built))}/`)
if (process.argv.includes("--preview"))
  spawnSync("node_modules/.bin/vitepress", ["preview", "."], { cwd: site, stdio: "inherit" })
