/** Debian's packages that some tests use, and which of them this machine does not have. `setup.mjs` installs them if it can. */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** A command for the shell that succeeds if the package, or its program from elsewhere, is there. */
const probes: Readonly<Record<string, string>> = JSON.parse(
  readFileSync(new URL("debian.json", import.meta.url), "utf8")
)

const known = new Map<string, boolean>()

export const isMissing = (name: string): boolean => {
  const before = known.get(name)
  if (before !== undefined) return before
  const probe = probes[name]
  if (probe === undefined) throw new Error(`scripts/debian.json has no package ${name}`)
  const missing = spawnSync("sh", ["-c", probe]).status !== 0
  known.set(name, missing)
  return missing
}

/** Where packages are unpacked that Debian would start as a service if they were installed. */
export const unpacked = fileURLToPath(new URL("../node_modules/.cache/debian", import.meta.url))

/** Those packages, and the option with which each program prints its version. */
export const services = { nginx: "-v", haproxy: "-v", caddy: "version" } as const

/** The path of such a program, or `undefined` if it is neither installed nor unpacked. */
export const findService = (name: keyof typeof services): string | undefined =>
  [name, `/usr/sbin/${name}`, join(unpacked, name, name)].find(
    (program) => spawnSync(program, [services[name]]).status === 0
  )

export const missingPackages = (): ReadonlyArray<string> => [
  ...Object.keys(probes).filter(isMissing),
  ...(["nginx", "haproxy", "caddy"] as const).filter((name) => findService(name) === undefined)
]
