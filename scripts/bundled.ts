/**
 * Programs of the tests and the benchmarks as bundles for plain Node. They start in a quarter of the time that their sources
 * take with tsx, and each function that they make costs less: tsx gives it its name in a call.
 */
import { mkdirSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { buildSync } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))
const bundles = new Map<string, string>()

/** The file of the bundle of a program, which is a path from the root, such as `test/Server/attacker.ts`. */
export const bundled = (program: string): string => {
  const known = bundles.get(program)
  if (known !== undefined) return known
  // Within the project, so that it finds the packages that are left out: they are CommonJS without named exports for a bundle.
  const folder = join(root, ".test-build/programs")
  const file = join(folder, `${program.replaceAll("/", "-").replace(/\.ts$/, "")}.mjs`)
  const { outputFiles } = buildSync({
    absWorkingDir: root,
    entryPoints: [program],
    write: false,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    external: ["esbuild", "@nats-io/*"],
    banner: { js: 'import{createRequire as makeRequire}from"node:module";const require=makeRequire(import.meta.url);' },
    logLevel: "warning"
  })
  mkdirSync(folder, { recursive: true })
  // Runs in one folder may overlap, and none may start half a file.
  const part = `${file}.${process.pid}`
  writeFileSync(part, outputFiles[0]!.contents)
  renameSync(part, file)
  bundles.set(program, file)
  return file
}
