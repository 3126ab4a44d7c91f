/**
 * A program of Debian that may be missing. Its package is not installed, because Debian would start it as a service: it is
 * unpacked into a folder of node_modules.
 */
import { spawnSync } from "node:child_process"
import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { findService, type services, unpacked } from "../../scripts/Debian.ts"

/** The path of the program, or `undefined` if this machine has it not and can't get it. */
export const find = (name: keyof typeof services): string | undefined => {
  const before = findService(name)
  if (before !== undefined) return before
  const folder = join(unpacked, name)
  mkdirSync(folder, { recursive: true })
  if (spawnSync("apt-get", ["download", name], { cwd: folder }).status !== 0) return undefined
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".deb")))
    spawnSync("dpkg", ["-x", file, "."], { cwd: folder })
  return findService(name)
}
