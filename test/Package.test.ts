/** The package as a user gets it: packed, installed in an empty folder, run by plain Node. */
import { execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { access, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { WebSocket } from "ws"
import { compiler } from "../scripts/compiler.ts"
import { allPages } from "../src/Cli/Help/CommandHelp.ts"
import { render } from "../src/Cli/Help/HelpPage.ts"
import * as Image from "./Deploy/Image.ts"
import { examples, startIn } from "./Examples/ExampleRuns.ts"
import { eventually } from "./eventually.ts"
import { freePort } from "./freePort.ts"
import { testLimit } from "./limits.ts"
import { commandsIn, wordsOf } from "./shownCommands.ts"

const run = promisify(execFile)
const root = new URL("..", import.meta.url)

interface Packed {
  readonly filename: string
  readonly version: string
  readonly files: ReadonlyArray<{ readonly path: string }>
}

const npmInstall = (cwd: string, ...packages: ReadonlyArray<string>) =>
  run("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=5", ...packages], { cwd })

/** What a module and those that it imports by a relative path import by name. */
const packagesOf = async (file: string, seen = new Set<string>(), found = new Set<string>()) => {
  if (seen.has(file)) return found
  seen.add(file)
  for (const [, name = ""] of (await readFile(file, "utf8")).matchAll(/^(?:import|export) .*? from "([^"]+)";?$/gm)) {
    if (name.startsWith(".")) await packagesOf(join(dirname(file), name), seen, found)
    else if (!name.startsWith("node:")) found.add(name.split("/", name.startsWith("@") ? 2 : 1).join("/"))
  }
  return found
}

const tsc = async (...options: ReadonlyArray<string>) => {
  try {
    await run(compiler, ["--noEmit", "--strict", "--skipLibCheck", ...options], { cwd: folder })
  } catch (error) {
    throw new Error(String((error as { readonly stdout: unknown }).stdout))
  }
}

/** Parts of the guide to channels, with what they leave out. */
const guideClient = (test: string, client: string): string => `
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Schema, Stream, TestClock } from "effect"
import { Codec, Connector, type WebSocketRouter } from "effect-c10k"
import { type Channels, ChannelsClient } from "effect-c10k/Channels"
import { layerTest } from "effect-c10k/testing"

declare const chat: Layer.Layer<Channels, never, WebSocketRouter>
declare const getToken: Effect.Effect<string>
declare const loadHistory: Effect.Effect<void>
declare const show: (data: unknown, info: unknown) => Effect.Effect<void>
const Said = Schema.Struct({ text: Schema.String })
${test}
export const program = Effect.gen(function* () {
${client}
})
`

let folder: string
let packed: Packed

/** Fails unless it is rejected with what matches, in its message or its output. */
const assertRejects = async (promise: Promise<unknown>, pattern: RegExp) => {
  const error = await promise.then(
    () => assert.fail("it was not rejected"),
    (error: Error & { readonly stdout?: string; readonly stderr?: string }) => error
  )
  assert.match(`${error.message}${error.stdout ?? ""}${error.stderr ?? ""}`, pattern)
}

/** Whether a range of the form `^0.2.0` begins at this package's version. */
const satisfies = (range: string): boolean => range === `^${packed.version}`

/** The installed command. */
const command = () => join(folder, "node_modules/.bin/effect-c10k")

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "effect-c10k-package-"))
  // `npm test` has just built what is packed.
  const made = process.env["EFFECT_C10K_BUILT"] === undefined ? [] : ["--ignore-scripts"]
  const pack = ["pack", ...made, "--json", "--silent", "--pack-destination", folder]
  const { stdout } = await run("npm", pack, { cwd: root })
  packed = JSON.parse(stdout)[0]
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "user", private: true, type: "module" }))
  const readme = await readFile(new URL("README.md", root), "utf8")
  const packages = /npm install \S*effect-c10k\S* (effect@.*)/.exec(readme)?.[1]?.split(" ") ?? []
  assert.isAbove(packages.length, 2)
  await npmInstall(folder, packed.filename, ...packages)
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** The names by which an application imports it. */
const doors = async (): Promise<ReadonlyArray<string>> => {
  const { exports } = JSON.parse(await readFile(new URL("package.json", root), "utf8"))
  return Object.entries<string | object>(exports).flatMap(([name, target]) =>
    typeof target === "string" ? [] : [name.replace(/^\./, "effect-c10k")]
  )
}

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
  it("the package, installed elsewhere, ships what it needs and no more", () => {
    const folders = new Set(packed.files.map(({ path }) => path.split("/")[0]))
    assert.sameMembers([...folders], ["LICENSE", "README.md", "package.json", "dist", "docs", "patterns"])
    const documents = packed.files.map(({ path }) => path).filter((path) => path.startsWith("docs/"))
    assert.deepStrictEqual(documents, ["docs/scenario.schema.json"])
    assert.isEmpty(packed.files.filter(({ path }) => /\.map$|\.test\.|(?<!\.d)\.ts$/.test(path)))
  })

  it("the package, installed elsewhere, shows the help of its commands, as from source", async () => {
    // Each is a process. test/Cli/Help.test.ts has the others.
    const shown = Object.entries(await allPages()).filter(([typed]) =>
      ["", "echo", "life patterns show"].includes(typed)
    )
    assert.lengthOf(shown, 3)
    for (const [typed, page] of shown) {
      const { stdout } = await run(command(), [...typed.split(" ").filter(Boolean), "--help"], { cwd: folder })
      assert.strictEqual(stdout, render(page, { columns: 80, colours: false }))
    }
  })

  it("the package, installed elsewhere, serves the watch page with its script, and ends on SIGTERM", async () => {
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

  it("the package, installed elsewhere, opens the README's doors by npx, in small: a load test, and a game whose every state is right", async () => {
    const lines = commandsIn(await readFile(new URL("README.md", root), "utf8"))
    const small: Readonly<Record<string, string>> = { "30s": "1s", "100": "10", "500": "20" }
    /** Runs the line of the README that begins so, with small numbers. */
    const door = async (start: string, ...more: ReadonlyArray<string>) => {
      const [, ...words] = wordsOf(lines.find((line) => line.startsWith(start)) ?? assert.fail(start))
      const own = words.filter((word) => !word.startsWith("ws:")).map((word) => small[word] ?? word)
      return (await run("npx", ["--no-install", "effect-c10k", ...own, ...more], { cwd: folder })).stdout
    }
    await withServer(async (url) => {
      const socket = url.replace("http", "ws")
      assert.match(await door("effect-c10k echo ws:", "--url", `${socket}test/echo/`), /10 of 10 conversations right/)
      assert.match(await door("effect-c10k life", "--url", socket), /^step 20; .* all cells right$/m)
    })
  })

  it("the package, installed elsewhere, runs the README's echo server", async () => {
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

  it("the package, installed elsewhere, runs the examples, copied out of the repository, as their package.json has it", async () => {
    await cp(new URL("examples", root), join(folder, "examples"), { recursive: true })
    const wanted = new Map<string, string>()
    for (const name of [...Object.keys(examples), "testing"]) {
      const { dependencies, devDependencies } = JSON.parse(
        await readFile(join(folder, "examples", name, "package.json"), "utf8")
      )
      assert.isTrue(satisfies(dependencies["effect-c10k"]), dependencies["effect-c10k"])
      for (const [dependency, version] of Object.entries<string>({ ...dependencies, ...devDependencies }))
        if (dependency !== "effect-c10k") wanted.set(dependency, version)
    }
    await npmInstall(folder, ...[...wanted].map(([name, version]) => `${name}@${version}`))
    const programs = (await readdir(join(folder, "examples"), { recursive: true })).filter((file) =>
      file.endsWith(".ts")
    )
    const guide = await readFile(new URL("docs/channels.md", root), "utf8")
    const [server = "", shared = "", , test = "", client = ""] = [...guide.matchAll(/```ts\n(.*?)```/gs)].map(
      ([, code = ""]) => code
    )
    assert.isAtMost(server.split("\n").length, 60)
    await writeFile(join(folder, "examples/guide.ts"), server)
    const [head, chat] = shared.split("\n\n")
    const onTwoNodes = `${head}\n${server.replace(/const chat = .*?\n}\)\n/s, () => chat ?? "")}`
    assert.include(onTwoNodes, "Channels.layerShared(")
    await writeFile(join(folder, "examples/guideShared.ts"), onTwoNodes)
    await writeFile(join(folder, "examples/guideClient.ts"), guideClient(test, client))
    await tsc(
      ...["--module", "nodenext", "--target", "es2022", "--types", "node"],
      ...["--allowImportingTsExtensions", "--exactOptionalPropertyTypes"],
      ...[...programs, "guide.ts", "guideShared.ts", "guideClient.ts"].map((file) => `examples/${file}`)
    )
    for (const run of Object.values(examples)) await run(startIn(process.execPath, join(folder, "examples"), ""))
    const vitest = join(folder, "node_modules/vitest/vitest.mjs")
    await run(process.execPath, [vitest, "run", `--testTimeout=${testLimit()}`], {
      cwd: join(folder, "examples/testing")
    })
  })

  it("the package, installed elsewhere, can be imported by each of its doors and no other name", async () => {
    const program = (await doors())
      .map((name, index) => `import * as m${index} from "${name}"\nvoid m${index}`)
      .join("\n")
    await writeFile(join(folder, "program.js"), program)
    await run(process.execPath, ["program.js"], { cwd: folder })
    await writeFile(join(folder, "inner.js"), `import "effect-c10k/WebSocket/Frames/Mask"`)
    await assertRejects(run(process.execPath, ["inner.js"], { cwd: folder }), /ERR_PACKAGE_PATH_NOT_EXPORTED/)
  })

  it("the package, installed elsewhere, does not install the parsers of the command line", async () => {
    for (const name of ["yaml", "csv-parse"]) await assertRejects(access(join(folder, "node_modules", name)), /ENOENT/)
  })

  it("the package, installed elsewhere, loads what it needs: none of the commands, and no Effect of its own", async () => {
    const installed = join(folder, "node_modules/effect-c10k")
    const needed = await packagesOf(join(installed, "dist/index.js"))
    assert.sameMembers([...needed], ["effect", "@effect/platform", "@effect/platform-node", "find-my-way-ts"])
    await assertRejects(access(join(folder, "node_modules/@effect/cli")), /ENOENT/)
    await assertRejects(access(join(installed, "node_modules")), /ENOENT/)
  })

  // `npm test --silent` makes the npm that it runs silent too.
  it("the package, installed elsewhere, is refused beside Effect 4, by name", async () => {
    const other = await mkdtemp(join(tmpdir(), "effect-c10k-effect4-"))
    await writeFile(join(other, "package.json"), JSON.stringify({ name: "user", private: true }))
    const installing = npmInstall(other, "--dry-run", "--loglevel=error", join(folder, packed.filename), "effect@4")
    await assertRejects(installing, /ERESOLVE.*peer effect@"\^3/s)
    await rm(other, { recursive: true, force: true })
  })

  it("the package, installed elsewhere, can be required by CommonJS", async () => {
    await writeFile(
      join(folder, "common.cjs"),
      `const library = require("effect-c10k")\nconsole.log(typeof library.connect)\n`
    )
    const { stdout } = await run(process.execPath, ["common.cjs"], { cwd: folder })
    assert.strictEqual(stdout, "function\n")
  })

  it("the package, installed elsewhere, has types by each of its doors, for scripts of echo, and for CommonJS, which TypeScript allows for nodenext and refuses in words for node16", async () => {
    const program = (await doors()).map((name, index) => `import * as m${index} from "${name}"\nvoid m${index}`)
    await writeFile(join(folder, "program.ts"), program.join("\n"))
    await writeFile(
      join(folder, "flow.ts"),
      `import type { Script } from "effect-c10k/script"
export default (async (talk) => { talk.send(\`\${talk.client}\`); await talk.receive() }) satisfies Script
`
    )
    await writeFile(
      join(folder, "common.cts"),
      `import library = require("effect-c10k")\nconsole.log(typeof library.connect)\n`
    )
    // With the declarations of all libraries checked too, as an application may do.
    const whole = ["--skipLibCheck", "false", "--exactOptionalPropertyTypes", "--types", "node"]
    await tsc("--module", "nodenext", "--target", "es2022", ...whole, "program.ts", "flow.ts", "common.cts")
    await assertRejects(tsc("--module", "node16", "common.cts"), /TS1471|TS1479/)
  })

  it("the package, installed elsewhere, makes an image of at most 250 MB that serves as nobody, is healthy, and ends on SIGTERM with its clients", async (context) => {
    if (!Image.canRun) return context.skip("only root can use chroot")
    const root = join(folder, "image")
    await Image.build(root, join(folder, packed.filename))
    assert.isAtMost(Image.sizeOf(root), 250_000_000)
    const port = await freePort("127.0.0.1")
    const server = Image.start(root, port)
    const ended = once(server, "exit")
    try {
      const lines = createInterface(server.stdout!)
      for await (const line of lines) if (line.includes("Listening")) break
      // Docker checks a container again before it calls it unhealthy.
      await eventually(async () => assert.deepStrictEqual(await Image.checkHealth(root, port), { status: 0, said: "" }))
      // It has no /proc, which tells a process its memory.
      assert.include(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text(), "process_resident_memory_bytes 0")
      const uid = /^Uid:\s+(\d+)/m.exec(await readFile(`/proc/${server.pid}/status`, "utf8"))?.[1]
      assert.strictEqual(uid, "65532")
      const socket = new WebSocket(`ws://127.0.0.1:${port}/watcher/`)
      await once(socket, "open")
      const closed = once(socket, "close")
      server.kill("SIGTERM")
      assert.strictEqual((await closed)[0], 1001)
      assert.deepStrictEqual(await ended, [0, null])
      const unhealthy = await Image.checkHealth(root, port)
      assert.strictEqual(unhealthy.status, 1)
      assert.match(unhealthy.said, /ECONNREFUSED/)
    } finally {
      server.kill("SIGKILL")
    }
  })
})
