/** Debian's packages that some tests use, and which of them this machine does not have. `setup.mjs` installs them if it can. */
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"

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

export const missingPackages = (): ReadonlyArray<string> => Object.keys(probes).filter(isMissing)
