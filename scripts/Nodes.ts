/** The versions of Node on which the project is tested and measured. npm installs them; `scripts/nodes` pins them. */
import { spawnSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { delimiter, join } from "node:path"
import { fileURLToPath } from "node:url"

const folder = fileURLToPath(new URL("nodes", import.meta.url))

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const { dependencies, devDependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest

export interface NodeVersion {
  /** `26`. */
  readonly major: string
  /** `26.10.0`. */
  readonly version: string
  /** The folder that contains its `node`. */
  readonly path: string
}

/** Oldest first. */
export const versions: ReadonlyArray<NodeVersion> = Object.entries({ ...devDependencies, ...dependencies })
  .map(([name, wanted]) => ({
    major: name.slice("node-".length),
    version: wanted.slice(wanted.lastIndexOf("@") + 1),
    path: join(folder, "node_modules", name, "bin")
  }))
  .sort((a, b) => Number(a.major) - Number(b.major))

export const newest = versions.at(-1)!

export const isSupported = process.platform === "linux" && process.arch === "x64"

const isThere = ({ path, version }: NodeVersion): boolean => {
  const manifest = join(path, "../package.json")
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version
}

/** Installs the versions in `wanted` that are missing, about 180 MB each. Throws if npm fails. */
export const install = (wanted: ReadonlyArray<NodeVersion>): void => {
  if (wanted.every(isThere)) return
  // All versions except the newest are development dependencies. `--omit=dev` would remove those that are installed.
  const others = wanted.every((each) => each === newest) && !versions.some((each) => each !== newest && isThere(each))
  const { error, status, stderr } = spawnSync("npm", ["ci", "--ignore-scripts", ...(others ? ["--omit=dev"] : [])], {
    cwd: folder,
    encoding: "utf8"
  })
  if (status !== 0) throw new Error(`npm can't install the versions of Node (scripts/nodes): ${stderr || error}`)
}

/** The environment in which `node` is this version, also for child processes. */
export const environmentOf = ({ path }: NodeVersion): Readonly<Record<string, string>> => ({
  PATH: `${path}${delimiter}${process.env["PATH"] ?? ""}`
})
