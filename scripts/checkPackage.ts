/**
 * Checks the package as npm would publish it, from the `dist/` that is there: its manifest by publint, how TypeScript
 * finds its declarations by attw. Without a build of its own: the stage before made it.
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
// The package is ESM only: what CommonJS gets is the subject of test/Package.test.ts.
run("attw", tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii")
rmSync(folder, { recursive: true, force: true })
