/**
 * Checks types and Effect's own diagnostics (floating effects, missing requirements) in one pass, with a copy of TypeScript
 * that Effect's language service has patched. The command `diagnostics` of the language service finds the same in three
 * times the CPU time. The arguments are those of `tsc`.
 */
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const modules = fileURLToPath(new URL("../node_modules/", import.meta.url))
const service = join(modules, "@effect/language-service")
const cache = join(modules, ".cache/effect-c10k")

const versionOf = (folder: string): string => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version

/** Copies TypeScript and patches the copy, so that editors and other programs still use the original. */
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
  try {
    renameSync(folder, to)
  } catch (error) {
    // Another run may have made the copy in the meantime, and may use it already.
    rmSync(folder, { recursive: true })
    if (!existsSync(to)) throw error
  }
}

const patched = join(cache, `typescript-${versionOf(join(modules, "typescript"))}-effect-${versionOf(service)}`)
if (!existsSync(patched)) patch(patched)
const { status } = spawnSync(process.execPath, [join(patched, "lib/tsc.js"), ...process.argv.slice(2)], {
  stdio: "inherit"
})
process.exitCode = status ?? 1
