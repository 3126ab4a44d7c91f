// @ts-check
// Prepares a machine that has only Node and apt: installs the locked npm packages and, with `--tests`, the Debian packages
// that the tests use. This is plain JavaScript that imports only Node's modules, because it runs before `npm ci`.
import { execFile } from "node:child_process"
import { lstatSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = new URL("../", import.meta.url)

/** What each package is for, as a command for the shell that succeeds if it is there.
 * @type {Record<string, string>} */
const probes = JSON.parse(readFileSync(new URL("debian.json", import.meta.url), "utf8"))

/** What a command printed, and its exit status. `status` is `null` if it did not run or was killed; `reason` says why.
 * @typedef {{ readonly status: number | null, readonly printed: string, readonly reason: string }} Outcome */

/** @param {readonly string[]} command @returns {Promise<Outcome>} */
const run = ([file = "", ...args]) =>
  new Promise((resolve) => {
    const options = {
      cwd: fileURLToPath(root),
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
      maxBuffer: 1 << 26
    }
    execFile(file, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      const status = typeof code === "number" ? code : null
      resolve({ status, printed: `${stdout}${stderr}`, reason: status === null ? (error?.message ?? "") : "" })
    })
  })

/** @param {readonly string[]} command */
const runOrFail = async (command) => {
  console.log(`set-up: ${command.join(" ")}`)
  const { printed, reason, status } = await run(command)
  if (status !== 0) throw new Error(`${printed}${reason}\nset-up: \`${command.join(" ")}\` failed: the reason is above`)
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

const installNpmPackages = async () => {
  if (npmPackagesAreThere()) return
  // `npm ci` empties the folder first. If node_modules is a link, this would be the folder of another work tree.
  if (lstatSync(new URL("node_modules", root), { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new Error(
      "set-up: node_modules is a link, and packages of package-lock.json are missing there: run `npm ci` in the folder that it points to"
    )
  }
  await runOrFail(["npm", "ci"])
}

/** The native TypeScript, for the one system that `scripts/types` pins it for. */
const installNativeTypeScript = async () => {
  if (process.platform !== "linux" || process.arch !== "x64") return
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
  await runOrFail(["npm", "ci", "--ignore-scripts", "--prefix", "scripts/types"])
}

/** Installs what is missing if that is possible. Without them, the tests that need them are skipped. */
const installDebianPackages = async () => {
  const found = await Promise.all(
    Object.entries(probes).map(async ([name, probe]) => ((await run(["sh", "-c", probe])).status === 0 ? [] : [name]))
  )
  const missing = found.flat()
  if (missing.length === 0) return
  const skips = "the tests that need them are skipped"
  if ((await run(["apt-get", "--version"])).status !== 0) {
    console.log(`set-up: this system has no apt-get to install ${missing.join(", ")}: ${skips}`)
    return
  }
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...missing]
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"]
  if (asRoot.length > 0 && (await run([...asRoot, "true"])).status !== 0) {
    console.log(
      `set-up: only root can install ${missing.join(", ")}: ${skips}; \`sudo ${install.join(" ")}\` installs them`
    )
    return
  }
  for (const command of [["apt-get", "update"], install]) {
    console.log(`set-up: ${[...asRoot, ...command].join(" ")}`)
    const { printed, reason, status } = await run([...asRoot, ...command])
    if (status === 0) continue
    console.log(`${printed}${reason}\nset-up: ${missing.join(", ")} can't be installed: ${skips}`)
    return
  }
}

/** Installs all at the same time: one waits for the network while another unpacks. */
const install = async () => {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    throw new Error(`set-up: Node ${process.version} is too old: install 20.19 or newer`)
  const parts = [installNpmPackages(), installNativeTypeScript()]
  if (process.argv.includes("--tests")) parts.push(installDebianPackages())
  // What has begun ends, so that nothing goes on after this program.
  for (const part of await Promise.allSettled(parts)) if (part.status === "rejected") throw part.reason
}

await install().catch(({ message }) => {
  console.error(message)
  process.exitCode = 1
})
