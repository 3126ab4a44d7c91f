// @ts-check
// Prepares a machine that has only Node and apt: installs the locked npm packages and, with `--tests`, the Debian packages
// that the tests use. This is plain JavaScript that imports only Node's modules, because it runs before `npm ci`.
import { spawnSync } from "node:child_process"
import { lstatSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = new URL("../", import.meta.url)

/** What each package is for, as a command for the shell that succeeds if it is there.
 * @type {Record<string, string>} */
const probes = JSON.parse(readFileSync(new URL("debian.json", import.meta.url), "utf8"))

/** @param {string} reason @returns {never} */
const fail = (reason) => {
  console.error(`set-up: ${reason}`)
  process.exit(1)
}

/** @param {readonly string[]} command */
const run = ([file = "", ...args]) =>
  spawnSync(file, args, {
    cwd: fileURLToPath(root),
    encoding: "utf8",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    maxBuffer: 1 << 26
  })

/** @param {readonly string[]} command */
const runOrFail = (command) => {
  console.log(`set-up: ${command.join(" ")}`)
  const { error, status, stderr, stdout } = run(command)
  if (status === 0) return
  console.error(`${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}`)
  fail(`\`${command.join(" ")}\` failed: the reason is above`)
}

/** The packages of a lock file with their versions, without the optional ones (binaries for other systems).
 * @param {string} file @returns {readonly string[]} */
const lockedVersions = (file) => {
  /** @type {{ packages: Record<string, { version?: string, optional?: boolean }> }} */
  const lock = JSON.parse(readFileSync(new URL(file, root), "utf8"))
  return Object.entries(lock.packages)
    .filter(([name, { optional }]) => name !== "" && optional !== true)
    .map(([name, { version }]) => `${name}@${version}`)
}

const npmPackagesAreThere = () => {
  try {
    const installed = new Set(lockedVersions("node_modules/.package-lock.json"))
    return lockedVersions("package-lock.json").every((entry) => installed.has(entry))
  } catch {
    return false
  }
}

const installNpmPackages = () => {
  // `npm ci` empties the folder first. If node_modules is a link, this would be the folder of another work tree.
  if (lstatSync(new URL("node_modules", root), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    fail(
      "node_modules is a link, and packages of package-lock.json are missing there: run `npm ci` in the folder that it points to"
    )
  }
  runOrFail(["npm", "ci"])
}

/** The native TypeScript, for the one system that `scripts/types` pins it for. */
const installNativeTypeScript = () => {
  /** @param {string} file @returns {string | undefined} */
  const lock = (file) => {
    const { packages } = JSON.parse(readFileSync(new URL(`scripts/types/${file}`, root), "utf8"))
    return packages["node_modules/@effect/tsgo-linux-x64"]?.version
  }
  try {
    if (lock("node_modules/.package-lock.json") === lock("package-lock.json")) return
  } catch {
    // It is not installed.
  }
  runOrFail(["npm", "ci", "--ignore-scripts", "--prefix", "scripts/types"])
}

/** Installs what is missing if that is possible. Without them, the tests that need them are skipped. */
const installDebianPackages = () => {
  const missing = Object.keys(probes).filter((name) => run(["sh", "-c", probes[name] ?? ""]).status !== 0)
  if (missing.length === 0) return
  const skips = "the tests that need them are skipped"
  if (run(["apt-get", "--version"]).status !== 0) {
    console.log(`set-up: this system has no apt-get to install ${missing.join(", ")}: ${skips}`)
    return
  }
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...missing]
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"]
  if (asRoot.length > 0 && run([...asRoot, "true"]).status !== 0) {
    console.log(
      `set-up: only root can install ${missing.join(", ")}: ${skips}; \`sudo ${install.join(" ")}\` installs them`
    )
    return
  }
  for (const command of [["apt-get", "update"], install]) {
    console.log(`set-up: ${[...asRoot, ...command].join(" ")}`)
    const { error, status, stderr, stdout } = run([...asRoot, ...command])
    if (status === 0) continue
    console.log(
      `${stdout ?? ""}${stderr ?? ""}${error?.message ?? ""}\nset-up: ${missing.join(", ")} can't be installed: ${skips}`
    )
    return
  }
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
if (major < 20 || (major === 20 && minor < 19)) fail(`Node ${process.version} is too old: install 20.19 or newer`)
if (!npmPackagesAreThere()) installNpmPackages()
if (process.platform === "linux" && process.arch === "x64") installNativeTypeScript()
if (process.argv.includes("--tests")) installDebianPackages()
