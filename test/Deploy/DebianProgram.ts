/**
 * A program of Debian that may be missing. Its package is not installed, because Debian would start it as a service: it is
 * unpacked with its libraries into a folder of node_modules, and a script there starts it with them.
 */
import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { findService, type services, unpacked } from "../../scripts/Debian.ts"

/** The libraries that these packages depend on, and those of the libraries. The C library is there, and goes with the loader. */
const librariesOf = (names: ReadonlyArray<string>, known: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  // Where there is no apt, `stdout` is null, and nothing is found.
  const env = { ...process.env, LC_ALL: "C" }
  const { stdout } = spawnSync("apt-cache", ["depends", ...names], { encoding: "utf8", env })
  const found = Array.from(`${stdout}`.matchAll(/^ {2}Depends: (lib[^\s]+)$/gm), ([, library = ""]) => library)
  const more = [...new Set(found)].filter((library) => library !== "libc6" && !known.includes(library))
  return more.length === 0 ? known : librariesOf(more, [...known, ...more])
}

/** The path of the program, or `undefined` if this machine has it not and can't get it. */
export const find = (name: keyof typeof services): string | undefined => {
  const before = findService(name)
  if (before !== undefined) return before
  const folder = join(unpacked, name)
  mkdirSync(folder, { recursive: true })
  if (spawnSync("apt-get", ["download", name, ...librariesOf([name])], { cwd: folder }).status !== 0) return undefined
  for (const file of readdirSync(folder).filter((file) => file.endsWith(".deb")))
    spawnSync("dpkg", ["-x", file, "."], { cwd: folder })
  // A library has the folder of its architecture.
  const libraries = [
    "usr/lib",
    ...readdirSync(join(folder, "usr/lib"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name.includes("-linux-gnu"))
      .map((entry) => `usr/lib/${entry.name}`)
  ].map((path) => join(folder, path))
  const program = ["usr/bin", "usr/sbin"].map((path) => join(folder, path, name)).find(existsSync)
  if (program === undefined) return undefined
  writeFileSync(join(folder, name), `#!/bin/sh\nLD_LIBRARY_PATH='${libraries.join(":")}' exec '${program}' "$@"\n`, {
    mode: 0o755
  })
  return findService(name)
}
