/**
 * Checks the package as npm would publish it. publint checks the manifest, and attw checks how TypeScript finds the
 * declarations. This uses the existing `dist/`, which an earlier stage has built.
 */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

const folder = mkdtempSync(join(tmpdir(), "effect-c10k-pack-"))

const run = (file: string, ...args: ReadonlyArray<string>): string => {
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: "utf8" })
  if (status === 0) return stdout
  console.error(`${file} ${args.join(" ")}\n${stdout}${stderr}`)
  rmSync(folder, { recursive: true, force: true })
  process.exit(1)
}

const packed = run("npm", "pack", "--ignore-scripts", "--json", "--silent", "--pack-destination", folder)
const tarball = join(folder, (JSON.parse(packed) as ReadonlyArray<{ readonly filename: string }>)[0]!.filename)
run("publint", "run", tarball, "--strict")
// The package is ESM only; test/Package.test.ts tests what CommonJS gets.
run("attw", tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii")
rmSync(folder, { recursive: true, force: true })
