import { execFileSync } from "node:child_process"
import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import { peersFolder, root } from "./Contender.ts"
import type { Machine } from "./Result.ts"

/** The first line that a command prints; `undefined` if it can't be run. */
const firstLine = (command: string, ...args: ReadonlyArray<string>): string | undefined => {
  try {
    return execFileSync(command, args, { encoding: "utf8", cwd: root, stdio: ["ignore", "pipe", "ignore"] }).split(
      "\n"
    )[0]
  } catch {
    return undefined
  }
}

const packageVersion = (folder: string, name: string): string | undefined => {
  try {
    const text = fs.readFileSync(path.join(folder, "node_modules", name, "package.json"), "utf8")
    return (JSON.parse(text) as { readonly version: string }).version
  } catch {
    return undefined
  }
}

/** The versions of the contenders that are installed. */
const versions = (): Record<string, string> => {
  const found: Record<string, string | undefined> = {
    Node: process.versions.node,
    effect: packageVersion(root, "effect"),
    "ws (effect-c10k)": packageVersion(root, "ws"),
    "µWebSockets.js": packageVersion(peersFolder, "@btc-vision/uwebsockets.js"),
    "ws (by hand)": packageVersion(peersFolder, "ws"),
    Bun: packageVersion(peersFolder, "bun"),
    "Socket.IO": packageVersion(peersFolder, "socket.io"),
    autocannon: packageVersion(peersFolder, "autocannon"),
    Python: firstLine("/usr/bin/python3", "--version")?.replace("Python ", ""),
    "Python websockets": firstLine("/usr/bin/python3", "-c", "import websockets; print(websockets.__version__)"),
    gcc: firstLine("gcc", "-dumpfullversion")
  }
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined))
}

export const machine = (): Machine => ({
  processor: os.cpus()[0]?.model ?? "unknown",
  cores: os.availableParallelism(),
  memoryGiB: Math.round(os.totalmem() / 2 ** 30),
  system: `${os.type()} ${os.release()}`,
  versions: versions(),
  loadAverage: Math.round(os.loadavg()[0]! * 100) / 100
})

/** The short hash of the checked-out commit, and whether there are uncommitted changes. */
export const commit = (): string => {
  const hash = firstLine("git", "rev-parse", "--short", "HEAD")
  if (hash === undefined) return "unknown"
  return firstLine("git", "status", "--porcelain", "--untracked-files=no") ? `${hash} with changes` : hash
}
