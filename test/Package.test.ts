/** The package as a user gets it: packed, installed in an empty folder, run by plain Node. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { WebSocket } from "ws"
import { freePort } from "./freePort.ts"

const run = promisify(execFile)
const root = new URL("..", import.meta.url)

interface Packed {
  readonly filename: string
  readonly files: ReadonlyArray<{ readonly path: string }>
}

let folder: string
let packed: Packed

/** The installed command. */
const command = () => join(folder, "node_modules/.bin/effect-c10k")

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "effect-c10k-package-"))
  const { stdout } = await run("npm", ["pack", "--json", "--silent", "--pack-destination", folder], { cwd: root })
  packed = JSON.parse(stdout)[0]
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }))
  await run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", packed.filename], { cwd: folder })
}, 120_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

/** Starts the installed server and calls `use` with its address; then ends it by a signal, and returns its exit code. */
const withServer = async (use: (url: string) => Promise<void>): Promise<number | null> => {
  const server = spawn(command(), ["serve", "--host", "127.0.0.1", "--port", "0"], { cwd: folder })
  const exit = once(server, "exit")
  let url: string | undefined
  try {
    for await (const line of createInterface(server.stdout)) {
      url = /http:\/\/\S+/.exec(line)?.[0]
      if (url === undefined) continue
      await use(url)
      break
    }
  } finally {
    server.kill("SIGTERM")
  }
  assert.isDefined(url, "the server ended before it printed its address")
  const [code] = await exit
  return code
}

/** What comes back for `text`, from a server that may not listen yet. */
const echoOf = async (url: string, text: string): Promise<string> => {
  const socket = new WebSocket(url)
  try {
    await once(socket, "open")
  } catch {
    return echoOf(url, text)
  }
  socket.send(text)
  const [data] = await once(socket, "message")
  socket.close()
  return String(data)
}

describe("the package, installed elsewhere", () => {
  it("ships what it needs and no more", () => {
    const folders = new Set(packed.files.map(({ path }) => path.split("/")[0]))
    assert.sameMembers([...folders], ["LICENSE", "README.md", "package.json", "dist", "patterns"])
    assert.isEmpty(packed.files.filter(({ path }) => /\.map$|\.test\.|(?<!\.d)\.ts$/.test(path)))
  })

  it("shows its commands", async () => {
    const { stdout } = await run(command(), ["--help"], { cwd: folder })
    for (const name of ["serve", "life"]) assert.include(stdout, name)
  })

  it("serves the watch page with its script, and ends on SIGTERM", async () => {
    const code = await withServer(async (url) => {
      const page = await fetch(url)
      assert.strictEqual(page.status, 200)
      const html = await page.text()
      const script = /<script[^>]* src="([^"]+)"/.exec(html)?.[1]
      assert.isDefined(script)
      const response = await fetch(new URL(script ?? "", url))
      assert.strictEqual(response.status, 200)
      assert.match(response.headers.get("content-type") ?? "", /javascript/)
    })
    assert.strictEqual(code, 0)
  })

  it("plays a game to its last step, on its own server", async () => {
    await withServer(async (url) => {
      const life = ["life", "-p", "blinker", "-s", "5", "-n", "3", "-l", "100", "--url", url.replace("http", "ws")]
      await run(command(), life, { cwd: folder })
    })
  })

  it("runs the README's echo server", async () => {
    const readme = await readFile(new URL("README.md", root), "utf8")
    const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? ""
    assert.include(example, "8000")
    const port = await freePort("localhost")
    await writeFile(join(folder, "echo.js"), example.replace("8000", String(port)))
    const server = spawn(process.execPath, ["echo.js"], { cwd: folder, stdio: "inherit" })
    const exit = once(server, "exit")
    try {
      assert.strictEqual(await echoOf(`ws://localhost:${port}/echo/`, "Spam?"), "Spam?")
    } finally {
      server.kill("SIGTERM")
    }
    await exit
  })

  it("can be imported, with types, under each of its names", async () => {
    const { exports } = JSON.parse(await readFile(new URL("package.json", root), "utf8"))
    const modules = packed.files
      .flatMap(({ path }) => /^dist\/((?:WebSocket|Protocol|Server|Life|Echo)\/.*)\.js$/.exec(path)?.[1] ?? [])
      .filter((name) => name !== undefined)
    assert.isAbove(modules.length, Object.keys(exports).length)
    const program = ["effect-c10k", ...modules.map((name) => `effect-c10k/${name}`)]
      .map((name, index) => `import * as m${index} from "${name}"\nvoid m${index}`)
      .join("\n")
    await writeFile(join(folder, "program.ts"), program)
    await writeFile(join(folder, "program.js"), program)
    await run(process.execPath, ["program.js"], { cwd: folder })
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--skipLibCheck"]
    await run(join(new URL("node_modules/.bin/tsc", root).pathname), [...options, "program.ts"], { cwd: folder })
  })
})
