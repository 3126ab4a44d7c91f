/**
 * Makes `executable/effect-c10k`: the build, with Node, in one file for Linux on x64 (Node's single executable application). `npm run executable`;
 * `-- --check` also runs the program's commands with it, without Node in the PATH. The build must be there.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, posix } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import * as Nodes from "./Nodes.ts"

process.chdir(fileURLToPath(new URL("../", import.meta.url)))

const TARGET = "executable/effect-c10k"

const filesUnder = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => posix.join(parentPath, name))

/** A package with those that it needs. */
const withNeeds = (name: string, found = new Set<string>()): ReadonlySet<string> => {
  if (found.has(name)) return found
  found.add(name)
  const { dependencies = {} } = JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8"))
  for (const each of Object.keys(dependencies)) withNeeds(each, found)
  return found
}

/** What the command line reads: its bundle, pages, help, licences and patterns, and the packages that are loaded from `node_modules`. */
const contents = (): ReadonlyArray<string> => {
  const { optionalDependencies } = JSON.parse(readFileSync("package.json", "utf8"))
  const packages = new Set(Object.keys(optionalDependencies).flatMap((name) => [...withNeeds(name)]))
  const ofBuild = filesUnder("dist").filter((file) => !/\.(d\.ts|map)$/.test(file))
  const ofPackages = [...packages].flatMap((name) => filesUnder(`node_modules/${name}`))
  return [
    ...ofBuild.filter((file) => /^dist\/(main\.js|help\.json|LICENCES\.txt|Cli\/|static\/)/.test(file)),
    ...ofPackages.filter((file) => /(\.c?js|package\.json|LICENSE)$/.test(file)),
    ...filesUnder("patterns"),
    "package.json",
    "LICENSE"
  ]
}

const make = async (): Promise<void> => {
  if (!existsSync("dist/main.js")) throw new Error("there is no build: run `npm run build` first")
  Nodes.install([Nodes.newest])
  rmSync("executable", { recursive: true, force: true })
  mkdirSync("executable/parts", { recursive: true })
  await build({
    entryPoints: ["scripts/executable.mjs"],
    outfile: "executable/parts/main.cjs",
    bundle: true,
    platform: "node",
    format: "cjs",
    logLevel: "warning"
  })
  writeFileSync("executable/parts/start.cjs", `import("./dist/main.js")\n`)
  const files = contents()
  const hash = createHash("sha256")
  for (const file of files) hash.update(file).update(readFileSync(file))
  const list = { hash: hash.digest("hex").slice(0, 16), files: [...files, "start.cjs"] }
  writeFileSync("executable/parts/contents.json", JSON.stringify(list))
  const assets = { contents: "executable/parts/contents.json", "start.cjs": "executable/parts/start.cjs" }
  const settings = {
    main: "executable/parts/main.cjs",
    output: TARGET,
    disableExperimentalSEAWarning: true,
    assets: { ...Object.fromEntries(files.map((file) => [file, file])), ...assets }
  }
  writeFileSync("executable/parts/settings.json", JSON.stringify(settings))
  execFileSync(join(Nodes.newest.path, "node"), ["--build-sea", "executable/parts/settings.json"], { stdio: "pipe" })
  rmSync("executable/parts", { recursive: true })
  const { size } = statSync(TARGET)
  console.log(`${TARGET}: Node ${Nodes.newest.version} and ${list.files.length} files, ${Math.round(size / 1e6)} MB`)
}

/** Runs the commands in an empty folder, for a user whose PATH has no Node. */
const check = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "effect-c10k-executable-"))
  const program = join(process.cwd(), TARGET)
  const options = { cwd: folder, env: { HOME: folder, PATH: "/usr/sbin" } }
  const run = (...args: ReadonlyArray<string>): string =>
    execFileSync(program, [...args], { ...options, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] })
  const expect = (what: string, text: string, pattern: RegExp): void => {
    if (!pattern.test(text)) throw new Error(`${what} by the executable printed: ${text}`)
  }
  let server: ChildProcess | undefined
  try {
    const { version } = JSON.parse(readFileSync("package.json", "utf8"))
    expect("--version", run("--version"), new RegExp(`^${version.replaceAll(".", "\\.")}$`, "m"))
    expect("--help", run("--help"), /^Usage: effect-c10k COMMAND/m)
    expect("life patterns show", run("life", "patterns", "show", "glider"), /Glider/)
    server = spawn(program, ["serve", "--host", "127.0.0.1", "--port", "0"], {
      ...options,
      stdio: ["ignore", "pipe", "inherit"]
    })
    let address = ""
    for await (const line of createInterface(server.stdout!)) {
      address = /http:\/\/\S+?(?=\/$)/.exec(line)?.[0] ?? ""
      break
    }
    const page = await fetch(`${address}/`)
    expect("the page", await page.text(), /<title>/)
    const socket = address.replace("http", "ws")
    expect(
      "life",
      run("life", "--url", socket, "-p", "glider", "-s", "8", "-n", "20", "-l", "1000", "--check"),
      /step 20/
    )
    writeFileSync(join(folder, "flow.mjs"), `export default async (talk) => { talk.send("a"); await talk.receive() }\n`)
    writeFileSync(join(folder, "flow.yaml"), `connect: { url: "${socket}/test/echo/" }\nsteps:\n  - script: flow.mjs\n`)
    expect("echo with a script", run("echo", "--scenario", "flow.yaml", "-c", "4"), /4/)
    const shared = ["--url", `${socket}/test/echo/`, "-c", "4", "--rate", "100", "--duration", "1s", "--processes", "2"]
    expect("echo in two processes", run("echo", ...shared), /100/)
    server.kill("SIGTERM")
    const [status] = await once(server, "exit")
    if (status !== 0) throw new Error(`serve by the executable ended with ${status}`)
    console.log("It runs serve with its pages, life, and echo with a script and with two processes")
  } finally {
    server?.kill("SIGKILL")
    rmSync(folder, { recursive: true, force: true })
  }
}

if (!Nodes.isSupported) console.log("The executable is made on Linux on x64 only")
else {
  await make()
  if (process.argv.includes("--check")) await check()
}
