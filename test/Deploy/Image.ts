/**
 * The image of the Dockerfile without a registry: a folder with this machine's Node and its libraries in place of the base image's, and what the
 * steps of the stage `files` make of the packed package. Only root can run it, by `chroot`.
 */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process"
import { once } from "node:events"
import { cpSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"
import { promisify } from "node:util"

const run = promisify(execFile)

const dockerfile = readFileSync(new URL("../../Dockerfile", import.meta.url), "utf8")

/** The lines of a stage, with those that continue joined. */
const stage = (name: string): ReadonlyArray<string> =>
  (new RegExp(`^FROM .* AS ${name}\n(.*?)(?=^FROM )`, "ms").exec(dockerfile)?.[1] ?? "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n")

const listOf = (word: string): ReadonlyArray<string> =>
  JSON.parse(new RegExp(`^${word} (\\[.*\\])$`, "m").exec(dockerfile)?.[1] ?? "[]")

const entrypoint = listOf("ENTRYPOINT")
const arguments_ = listOf("CMD")
const healthCheck: ReadonlyArray<string> = JSON.parse(
  /--start-period.*\\\n\s+CMD (\[.*\])/.exec(dockerfile)?.[1] ?? "[]"
)

/** Who runs the program: `nonroot` of the base image. */
const USER = "65532:65532"

export const canRun = process.getuid?.() === 0

/** The libraries that Node loads, and the loader. */
const librariesOf = (program: string): ReadonlyArray<string> =>
  [...execFileSync("ldd", [program], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g)].map(([, path = ""]) => path)

/** Makes the root file system in `root` from the packed package. The steps take minutes on a busy machine, in which vitest must be answered. */
export const build = async (root: string, packed: string): Promise<void> => {
  const files = join(root, "files")
  mkdirSync(files, { recursive: true })
  for (const line of stage("files").filter((line) => line.startsWith("RUN "))) {
    const command = line.slice("RUN ".length).replaceAll("/tmp/effect-c10k.tgz", packed)
    await run("sh", ["-c", command], { cwd: files, env: { ...process.env, npm_config_prefer_offline: "true" } })
  }
  cpSync(join(files, "package"), join(root, "app"), { recursive: true })
  rmSync(files, { recursive: true })
  const node = join(root, entrypoint[0] ?? "")
  mkdirSync(dirname(node), { recursive: true })
  cpSync(realpathSync(process.execPath), node)
  for (const library of librariesOf(node)) {
    mkdirSync(join(root, dirname(library)), { recursive: true })
    cpSync(realpathSync(library), join(root, library))
  }
  mkdirSync(join(root, "etc"))
  writeFileSync(join(root, "etc/passwd"), "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n")
}

/** The bytes of all files under a folder. */
export const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { name, parentPath }) => sum + statSync(join(parentPath, name)).size, 0)

const inside = (root: string, port: number, command: ReadonlyArray<string>): ChildProcess =>
  spawn("/usr/sbin/chroot", [`--userspec=${USER}`, root, ...command], {
    env: { NODE_ENV: "production", NODE_DISABLE_COMPILE_CACHE: "1", EFFECT_C10K_PORT: String(port) }
  })

/** Starts the program of the image, on another port. */
export const start = (root: string, port: number): ChildProcess => inside(root, port, [...entrypoint, ...arguments_])

/** Runs the health check of the image, and returns its status and what it said. */
export const checkHealth = async (
  root: string,
  port: number
): Promise<{ readonly status: number | null; readonly said: string }> => {
  const command = healthCheck.map((word) => word.replace(":8000", `:${port}`))
  const check = inside(root, port, command)
  const [said, [status]] = await Promise.all([text(check.stderr!), once(check, "exit")])
  return { status, said }
}
