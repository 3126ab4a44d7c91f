import * as fs from "node:fs"
import * as path from "node:path"
import type * as Effect from "effect/Effect"
import type { BenchError } from "./BenchError.ts"
import type { Program } from "./ProcessTree.ts"

/** One of those that are measured beside each other. What it does not have, it does not take part in. */
export interface Contender {
  readonly name: string
  readonly title: string
  /** Takes part only where it is named: `all` does not mean it. */
  readonly onRequest?: boolean
  /** Installs or compiles what it needs, unless that is there. */
  readonly prepare?: Effect.Effect<void, BenchError>
  /** How many times slower than the fastest, roughly: the work it is given is divided by this. */
  readonly slowness: number
  /** Serves `/worker/`, `/watcher/`, `/reset/`, `/test/echo/` and, unless `page` is no file, `GET /`. */
  readonly server?: (port: number, page: string) => Program
  readonly servesPage?: boolean
  /** Shares its games by a log in NATS: so many servers, each of which has a part of the connections. */
  readonly nodes?: number
  /** Gives up clients that do not read what they are sent, rather than keep it for them. */
  readonly givesUpSlowReaders?: boolean
  readonly speaksSocketIo?: boolean
  /** Has nothing but `/test/echo/`. */
  readonly echoesOnly?: boolean
  /** The cells of a torus, for any protocol 0 server. */
  readonly life?: (port: number, size: number, steps: number) => Program
  /** The echo conversation of `/test/ws/`. */
  readonly echoClients?: (port: number, clients: number, delaySeconds: number) => Program
  /** Ends by itself: what one waits for who asks for help. */
  readonly help?: Program
}

/** Has a server of any protocol, or one of protocol 0 and the echo. */
export const serves = (contender: Contender): boolean => contender.server !== undefined
export const relays = (contender: Contender): boolean =>
  serves(contender) && contender.speaksSocketIo !== true && contender.echoesOnly !== true

export const root = path.join(import.meta.dirname, "..")
export const peersFolder = path.join(import.meta.dirname, "peers")

/** The project as found in a folder: its build when there is one, else its sources through tsx. */
export const project = (folder: string, name = "effect-c10k", title = name, node?: string): Contender => {
  const built = fs.existsSync(path.join(folder, "dist", "main.js"))
  return fromMain(folder, name, title, built ? ["dist/main.js"] : ["--import", "tsx", "src/main.ts"], node)
}

/** The project started in a given way, by a given `node`. */
export const fromMain = (
  folder: string,
  name: string,
  title: string,
  main: ReadonlyArray<string>,
  node = "node"
): Contender => {
  const run = (...args: ReadonlyArray<string | number>): Program => ({
    command: node,
    args: [...main, ...args],
    cwd: folder
  })
  return {
    name,
    title,
    slowness: 1,
    servesPage: true,
    givesUpSlowReaders: true,
    server: (port) => run("serve", "--port", port),
    life: (port, size, steps) => run("life", "--url", `ws://127.0.0.1:${port}`, "-s", size, "-n", steps, "-l", 1000000),
    echoClients: (port, clients, delay) =>
      run("echo", "--url", `ws://127.0.0.1:${port}/test/ws/`, "--clients", clients, "--delay", delay),
    help: run("--help")
  }
}
