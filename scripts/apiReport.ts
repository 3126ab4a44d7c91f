/** Writes `docs/public-api.txt`: what each door of the package exports, with types. A review sees each change of it. Run `npm run api-report` after one; with `-` it prints. */
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import ts from "typescript"

const root = fileURLToPath(new URL("..", import.meta.url))

export const file = `${root}docs/public-api.txt`

/** The doors by their name, with the module of the source that each opens. */
export const doors = (): ReadonlyArray<readonly [name: string, module: string]> => {
  const { exports } = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as {
    readonly exports: Readonly<Record<string, string | { readonly default: string }>>
  }
  return Object.entries(exports).flatMap(([name, target]) =>
    typeof target === "string"
      ? []
      : [
          [
            name.replace(/^\./, "effect-c10k"),
            target.default.replace(/^\.\/dist\/(.*)\.js$/, `${root}src/$1.ts`)
          ] as const
        ]
  )
}

const { NodeBuilderFlags } = ts

const format =
  NodeBuilderFlags.NoTruncation | NodeBuilderFlags.UseAliasDefinedOutsideCurrentScope | NodeBuilderFlags.IgnoreErrors

const printer = ts.createPrinter({ removeComments: true })
const nowhere = ts.createSourceFile("", "", ts.ScriptTarget.Latest)

const textOf = (node: ts.Node): string => printer.printNode(ts.EmitHint.Unspecified, node, nowhere)

/** A compiler orders the parts of a union as it met them, which a change elsewhere changes. */
const withUnionsInOrder = <N extends ts.Node>(node: N): N => {
  const visited = ts.visitEachChild(node, withUnionsInOrder, undefined)
  if (!ts.isUnionTypeNode(visited)) return visited
  const parts = visited.types.map((part) => [textOf(part), part] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))
  // The same kind of node, with its parts in another order.
  return ts.factory.createUnionTypeNode(parts.map(([, part]) => part)) as ts.Node as N
}

const textOfType = (checker: ts.TypeChecker, type: ts.Type, flags = format): string => {
  const node = checker.typeToTypeNode(type, undefined, flags)
  if (node === undefined) throw new Error(`This type can't be written: ${checker.typeToString(type)}`)
  return textOf(withUnionsInOrder(node))
    .replaceAll(/import\("[^"]*"\)\./g, "")
    .replaceAll(/\s+/g, " ")
}

/** The lines of an export: its kind, its name and its type, and the members of an interface or a class. */
const linesOf = (checker: ts.TypeChecker, exported: ts.Symbol, indent: string): ReadonlyArray<string> => {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported
  const { name } = exported
  const typed = (type: ts.Type) => textOfType(checker, type)
  const members = (type: ts.Type): ReadonlyArray<string> =>
    type
      .getProperties()
      // A private field is no part of what an application sees.
      .filter(
        (member) =>
          !member.name.startsWith("#") &&
          (member.declarations ?? []).some((declared) => declared.getSourceFile().fileName.startsWith(`${root}src/`))
      )
      .map((member) => {
        const mark = member.flags & ts.SymbolFlags.Optional ? "?" : ""
        return `${indent}  ${member.name}${mark}: ${typed(checker.getTypeOfSymbol(member))}`
      })
      .toSorted()
  if (symbol.flags & ts.SymbolFlags.Module)
    return [`${indent}namespace ${name}`, ...exportsOf(checker, symbol, `${indent}  `)]
  const lines: Array<string> = []
  if (symbol.flags & ts.SymbolFlags.Class)
    lines.push(`${indent}class ${name}`, ...members(checker.getDeclaredTypeOfSymbol(symbol)))
  else if (symbol.flags & ts.SymbolFlags.Value)
    lines.push(
      `${indent}${symbol.flags & ts.SymbolFlags.Function ? "function" : "const"} ${name}: ${typed(checker.getTypeOfSymbol(symbol))}`
    )
  if (symbol.flags & ts.SymbolFlags.Interface && !(symbol.flags & ts.SymbolFlags.Class))
    lines.push(`${indent}interface ${name}`, ...members(checker.getDeclaredTypeOfSymbol(symbol)))
  if (symbol.flags & ts.SymbolFlags.TypeAlias) {
    const type = checker.getDeclaredTypeOfSymbol(symbol)
    lines.push(`${indent}type ${name} = ${textOfType(checker, type, format | NodeBuilderFlags.InTypeAlias)}`)
  }
  return lines
}

const exportsOf = (checker: ts.TypeChecker, module: ts.Symbol, indent = ""): ReadonlyArray<string> =>
  checker
    .getExportsOfModule(module)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((exported) => linesOf(checker, exported, indent))

/** The content of the file. */
const content = (): string => {
  const parsed = ts.getParsedCommandLineOfConfigFile(
    `${root}tsconfig.build.json`,
    {},
    {
      ...ts.sys,
      onUnRecoverableConfigFileDiagnostic: () => {}
    }
  )
  const modules = doors()
  const program = ts.createProgram(
    modules.map(([, module]) => module),
    { ...parsed?.options, noEmit: true }
  )
  const checker = program.getTypeChecker()
  return modules
    .map(([name, module]) => {
      const symbol = checker.getSymbolAtLocation(program.getSourceFile(module)!)
      return `# ${name}\n\n${symbol === undefined ? "" : exportsOf(checker, symbol).join("\n")}\n`
    })
    .join("\n")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === "-") process.stdout.write(content())
  else writeFileSync(file, content())
}
