/**
 * Types, and Effect's own diagnostics (floating effects, missing requirements), in one pass: a copy of TypeScript is patched by the
 * language service. Its command `diagnostics` finds the same, in three times the CPU time of this pass. Arguments are those of `tsc`.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url))
const service = join(modules, "@effect/language-service")
const cache = join(modules, ".cache/effect-c10k")

const versionOf = (folder: string): string => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version

/** Copies TypeScript and patches the copy: what users of the packages and their editors have stays as it is. */
const patch = (to: string): void => {
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, "patching-"))
  cpSync(join(modules, "typescript"), folder, { recursive: true })
  const { status, stderr, stdout } = spawnSync(
    process.execPath,
    [join(service, "cli.js"), "patch", "--dir", folder, "--module", "tsc"],
    { encoding: "utf8" }
  )
  if (status !== 0) {
    rmSync(folder, { recursive: true })
    console.error(`TypeScript could not be patched with Effect's diagnostics:\n${stdout}${stderr}`)
    process.exit(1)
  }
  // Two runs may do this at once: the first one counts.
  rmSync(to, { recursive: true, force: true })
  renameSync(folder, to)
}

const patched = join(cache, `typescript-${versionOf(join(modules, "typescript"))}-effect-${versionOf(service)}`)
if (!existsSync(patched)) patch(patched)
const { status } = spawnSync(process.execPath, [join(patched, "lib/tsc.js"), ...process.argv.slice(2)], {
  stdio: "inherit"
})
process.exitCode = status ?? 1
