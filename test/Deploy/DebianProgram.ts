/**
 * A program of Debian that may be missing. Its package is not installed, because Debian would start it as a service: it is
 * unpacked into a folder of node_modules.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const cache = fileURLToPath(new URL("../../node_modules/.cache/debian", import.meta.url))

const runs = (program: string, version: string): boolean => spawnSync(program, [version]).status === 0

/** The path of the program, or `undefined` if this machine has it not and can't get it. `version` is the option that prints its version. */
export const find = (name: string, version: string): string | undefined => {
  const places = [name, `/usr/sbin/${name}`, join(cache, name, "usr/bin", name), join(cache, name, "usr/sbin", name)]
  const found = () => places.find((program) => runs(program, version))
  const before = found()
  if (before !== undefined) return before
  const folder = join(cache, name)
  mkdirSync(folder, { recursive: true })
  const downloaded = spawnSync("apt-get", ["download", name], { cwd: folder })
  if (downloaded.status !== 0) return undefined
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".deb")))
    spawnSync("dpkg", ["-x", file, "."], { cwd: folder })
  return existsSync(join(folder, "usr")) ? found() : undefined
}
