/**
 * Times the three doors of the README as a newcomer opens them, each with its installation: from a fresh clone, and from the packed file in an empty
 * folder. `npm run doors` prints the seconds, and fails if a door takes more than two minutes. Run it on a machine that does nothing else.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../", import.meta.url))
const work = mkdtempSync(join(tmpdir(), "effect-c10k-doors-"))
const LIMIT = 120

const readme = readFileSync(join(root, "README.md"), "utf8")
const echoServer = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ""
const peers = /npm install \S*effect-c10k\S* (effect@.*)/.exec(readme)?.[1]?.split(" ") ?? []

const run = (cwd: string, file: string, ...args: ReadonlyArray<string>): string =>
  execFileSync(file, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 })

/** Starts a server, waits for its first line, and ends it after `use`. */
const beside = async (cwd: string, command: ReadonlyArray<string>, use: () => void): Promise<void> => {
  const [file = "", ...args] = command
  const server: ChildProcess = spawn(file, args, { cwd, stdio: ["ignore", "pipe", "inherit"], detached: true })
  try {
    for await (const line of createInterface(server.stdout!)) if (line.includes("Listening")) break
    use()
  } finally {
    if (server.pid !== undefined) process.kill(-server.pid, "SIGTERM")
  }
}

/** The package in an empty folder. */
const installIn = (name: string, packed: string, ...more: ReadonlyArray<string>): string => {
  const folder = join(work, name)
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name, private: true, type: "module" }))
  run(folder, "npm", "install", packed, ...more)
  return folder
}

const clone = (name: string): string => {
  run(work, "git", "clone", "--quiet", root, name)
  return join(work, name)
}

const packIn = (folder: string): string => {
  run(folder, "npm", "ci")
  run(folder, "npm", "pack", "--silent")
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "no file")
}

const echo = ["echo", "ws://localhost:8000/test/echo/", "--rate", "100", "--duration", "5s", "-c", "100"]
const life = ["life", "-s", "100", "-n", "10", "--check"]

/** The doors with a command, which is `npx tsx src/main.ts` in a clone and `npx effect-c10k` elsewhere. */
const open = async (name: string, folder: () => string, command: ReadonlyArray<string>): Promise<void> => {
  for (const [door, args] of Object.entries({ "load-test your server": echo, "watch 10,000 clients": life }))
    await timed(`${door}, ${name}`, async () => {
      const cwd = folder()
      await beside(cwd, [...command, "serve"], () => void run(cwd, command[0] ?? "", ...command.slice(1), ...args))
    })
}

const slow: Array<string> = []

const timed = async (title: string, act: () => Promise<void>): Promise<void> => {
  const start = performance.now()
  await act()
  const seconds = (performance.now() - start) / 1000
  console.log(`${seconds.toFixed(0).padStart(4)} s  ${title}`)
  if (seconds > LIMIT) slow.push(title)
}

try {
  let clones = 0
  const fresh = () => {
    const folder = clone(`clone-${++clones}`)
    run(folder, "npm", "ci")
    return folder
  }
  await open("from a fresh clone", fresh, ["npx", "tsx", "src/main.ts"])
  const packed = packIn(clone("packing"))
  let folders = 0
  await open("from the packed file", () => installIn(`folder-${++folders}`, packed), ["npx", "effect-c10k"])
  await timed("write a server, from a fresh clone", async () => {
    const folder = installIn("server", packIn(clone("server-clone")), ...peers)
    writeFileSync(
      join(folder, "echo.js"),
      `${echoServer.replace("8000", "8001")}\nsetTimeout(() => process.exit(), 3000)\n`
    )
    run(folder, "node", "echo.js")
  })
  if (slow.length > 0) throw new Error(`more than ${LIMIT} s: ${slow.join("; ")}`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
