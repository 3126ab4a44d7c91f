/**
 * Merges chunks of a bundle, so that a program reads fewer files when it starts. Each file costs Node 0.3 to 0.5 ms, however small it is
 * (docs/decisions/0020).
 *
 * esbuild makes a chunk for each set of entry points that share it, and each `import()` is an entry point. So nearly the same sets have chunks of their
 * own. Here only the commands count: the entry points that the root loads. Chunks that the same commands load become one file, and so do all
 * that the root loads itself. An import never leads from a chunk to one that fewer commands load, so merged files cannot import each other in a circle.
 */
import { readFile, rm, writeFile } from "node:fs/promises"
import { basename, dirname, join, relative } from "node:path"
import type { BuildOptions, Metafile, Plugin } from "esbuild"
import { build } from "esbuild"
import { addLoaded, chunkOf, importsOf, type Outputs } from "./bundleGraph.ts"

type Output = Outputs[string]

/** What is merged into one file. */
interface Group {
  readonly file: string
  readonly members: ReadonlyArray<string>
}

export interface MergeOptions {
  /** The file that the program starts with. What it imports statically is left alone. */
  readonly entry: string
  /** The module that every command loads, and that loads each with `import()`. */
  readonly root: string
  /** The options of the bundle that concern the text of a file. */
  readonly text: Pick<BuildOptions, "platform" | "target" | "minifySyntax">
}

/** Files by the commands that load them. */
const groupsOf = (outputs: Outputs, { entry, root }: MergeOptions): ReadonlyArray<Group> => {
  const first = addLoaded(outputs, entry, new Set())
  const always = addLoaded(outputs, chunkOf(outputs, root), new Set())
  const commands = [...always].flatMap((file) => importsOf(outputs, file, "dynamic-import"))
  // A command is its options, and what it then loads to run.
  const loadedBy = commands.map((command) => {
    const loaded = addLoaded(outputs, command, new Set())
    for (const file of importsOf(outputs, command, "dynamic-import")) addLoaded(outputs, file, loaded)
    return loaded
  })
  const members = new Map<string, Array<string>>()
  for (const [file, { entryPoint }] of Object.entries(outputs)) {
    if (entryPoint !== undefined || first.has(file)) continue
    const users = loadedBy.flatMap((loaded, i) => (loaded.has(file) ? [i] : []))
    const key = always.has(file) ? "always" : users.join()
    if (key !== "") members.set(key, [...(members.get(key) ?? []), file])
  }
  return [...members.values()]
    .filter(({ length }) => length > 1)
    .map((files, i) => ({ file: join(dirname(files[0]!), `shared-${i + 1}.js`), members: files }))
}

/** The imports of a file of esbuild's, each of which begins a line. */
const statement = /^import (?:\{([^}]*)\} from )?"(\.[^"]+)";$/gm

/** The name in a merged file of what a chunk exports: two chunks may use one name. */
const nameIn = ({ members }: Group, member: string, name: string): string => `${name}_${members.indexOf(member)}`

/** `a` and `a as b`. */
const renamed = (clause: string, rename: (name: string) => string): string => {
  const [name = "", alias = name] = clause.trim().split(" as ")
  return `${rename(name)} as ${alias}`
}

/** Lets a file import from merged files what it imported from their members. */
const redirect = (file: string, text: string, groupOf: ReadonlyMap<string, Group>): string =>
  text.replace(statement, (whole, names: string | undefined, path: string) => {
    const member = join(dirname(file), path)
    const group = groupOf.get(member)
    if (group === undefined) return whole
    const from = `"./${relative(dirname(file), group.file)}"`
    if (names === undefined) return `import ${from};`
    const clauses = names.split(",").map((clause) => renamed(clause, (name) => nameIn(group, member, name)))
    return `import { ${clauses.join(", ")} } from ${from};`
  })

/** Leaves what is not in the group as it is imported. */
const only = ({ members }: Group): Plugin => ({
  name: "only a group",
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\./ }, ({ path, resolveDir }) => {
      const file = relative(process.cwd(), join(resolveDir, path))
      return members.includes(file) ? { path: join(process.cwd(), file) } : { path, external: true }
    })
  }
})

const merged = async (outputs: Outputs, group: Group, text: MergeOptions["text"]): Promise<string> => {
  const exports = group.members.map((member) => {
    const names = (outputs[member]?.exports ?? []).map((name) => `${name} as ${nameIn(group, member, name)}`)
    return names.length === 0
      ? `import "./${basename(member)}"`
      : `export { ${names.join(", ")} } from "./${basename(member)}"`
  })
  const { outputFiles } = await build({
    ...text,
    stdin: { contents: exports.join("\n"), resolveDir: dirname(group.file) },
    bundle: true,
    write: false,
    format: "esm",
    packages: "external",
    plugins: [only(group)],
    logLevel: "warning"
  })
  return outputFiles[0]!.text
}

const sumOf = (outputs: Outputs, { members }: Group): Pick<Output, "inputs" | "imports"> => ({
  inputs: Object.assign({}, ...members.map((member) => outputs[member]?.inputs)),
  imports: members.flatMap((member) => outputs[member]?.imports ?? []).filter(({ path }) => !members.includes(path))
})

/** Merges files of a bundle on the disk. Returns what the bundle is now. */
export const mergeChunks = async (metafile: Metafile, options: MergeOptions): Promise<Metafile> => {
  const { outputs } = metafile
  const groups = groupsOf(outputs, options)
  const groupOf = new Map(groups.flatMap((group) => group.members.map((member) => [member, group] as const)))
  const files = new Map<string, { readonly text: string; readonly output: Omit<Output, "bytes"> }>()
  for (const group of groups) {
    const output = { ...sumOf(outputs, group), exports: [] }
    files.set(group.file, { text: await merged(outputs, group, options.text), output })
  }
  for (const [file, output] of Object.entries(outputs))
    if (!groupOf.has(file)) files.set(file, { text: await readFile(file, "utf8"), output })

  const now: Outputs = {}
  for (const [file, { output, text }] of files) {
    const redirected = redirect(file, text, groupOf)
    await writeFile(file, redirected)
    const imports = output.imports.map((each) => ({ ...each, path: groupOf.get(each.path)?.file ?? each.path }))
    now[file] = { ...output, imports, bytes: Buffer.byteLength(redirected) }
  }
  for (const member of groupOf.keys()) await rm(member)
  return { ...metafile, outputs: now }
}
