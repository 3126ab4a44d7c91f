import * as fs from "node:fs"
import * as path from "node:path"
import type * as Effect from "effect/Effect"
import type { BenchError } from "./BenchError.ts"
import type { Program } from "./ProcessTree.ts"

/** A program that is measured. It takes part only in the scenarios for which it has a program. */
export interface Contender {
  readonly name: string
  readonly title: string
  /** Whether it takes part only if it is named. `all` does not include it. */
  readonly onRequest?: boolean
  /** Installs or compiles what it needs, if this is missing. */
  readonly prepare?: Effect.Effect<void, BenchError>
  /** Roughly how many times slower it is than the fastest one. It gets this many times less work. */
  readonly slowness: number
  /** Serves `/worker/`, `/watcher/`, `/reset/`, `/test/echo/` and, unless `page` is no file, `GET /`. */
  readonly server?: (port: number, page: string) => Program
  readonly servesPage?: boolean
  /** The number of servers that share their games by a log in NATS. Each has a part of the connections. */
  readonly nodes?: number
  /** Each of these nodes has a smaller game of its own: what nodes cost that have nothing to tell each other. */
  readonly isApart?: boolean
  /** Whether it closes slow readers instead of keeping their messages without a limit. */
  readonly givesUpSlowReaders?: boolean
  readonly speaksSocketIo?: boolean
  /** Whether its server speaks TLS. Load generators reach it by a program that encrypts for them. */
  readonly speaksTls?: boolean
  /** Whether it has only `/test/echo/`. */
  readonly echoesOnly?: boolean
  /** The cells of a torus, for any server of protocol 0. */
  readonly life?: (port: number, size: number, steps: number) => Program
  /** The echo conversation of `/test/ws/`. */
  readonly echoClients?: (port: number, clients: number, delaySeconds: number) => Program
  /** Prints its help and ends. */
  readonly help?: Program
}

/** Whether it has a server of any kind. `relays` is for servers of protocol 0. */
export const serves = (contender: Contender): boolean => contender.server !== undefined
export const relays = (contender: Contender): boolean =>
  serves(contender) &&
  contender.speaksSocketIo !== true &&
  contender.speaksTls !== true &&
  contender.echoesOnly !== true

export const root = path.join(import.meta.dirname, "..")
export const peersFolder = path.join(import.meta.dirname, "peers")

/** The project in a folder: its build if there is one, else its sources through tsx. */
export const project = (folder: string, name = "effect-c10k", title = name, node?: string): Contender => {
  const built = fs.existsSync(path.join(folder, "dist", "main.js"))
  return fromMain(folder, name, title, built ? ["dist/main.js"] : ["--import", "tsx", "src/main.ts"], node)
}

/** The project, started with these arguments by this `node`. */
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
