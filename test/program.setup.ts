/**
 * Bundles the command line before the tests that start it: the bundle starts in a third of the time that the sources take with tsx,
 * and a run of all tests starts it some hundred times. `program.ts` gives the command. `npm test` has built `dist/` just before, which
 * has the same bundle.
 */
import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { bundleCommands } from "../scripts/commands.ts"
import { buildPages } from "../scripts/pages.ts"
import { BUNDLE } from "./program.ts"

const root = fileURLToPath(new URL("..", import.meta.url))

/** Runs in one folder may overlap, so each has a bundle of its own, which its projects share. */
export const setup = async (): Promise<() => Promise<void>> => {
  if (process.env[BUNDLE] !== undefined) return async () => {}
  if (process.env["EFFECT_C10K_BUILT"] !== undefined) {
    process.env[BUNDLE] = join(root, "dist/main.js")
    return async () => {}
  }
  const all = join(root, ".test-build")
  await mkdir(all, { recursive: true })
  const folder = await mkdtemp(join(all, "run-"))
  // The bundle finds the patterns beside its folder.
  await symlink(join(root, "patterns"), join(all, "patterns")).catch(() => {})
  await Promise.all([bundleCommands(folder), buildPages(join(root, "static"), join(folder, "static"))])
  process.env[BUNDLE] = join(folder, "main.js")
  return () => rm(folder, { recursive: true, force: true })
}
