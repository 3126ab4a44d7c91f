import { execFileSync } from "node:child_process"
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import { BenchError } from "../BenchError.ts"
import * as Contender from "../Contender.ts"
import type { Case, Scenario } from "../Scenario.ts"
import { echo, talk } from "./Echo.ts"
import { idle, keepOpen } from "./Idle.ts"
import { game, relay } from "./Relay.ts"

const folder = mkdtempSync(join(tmpdir(), "effect-c10k-bench-"))
const key = join(folder, "key.pem")
const cert = join(folder, "cert.pem")

const makeCertificate = Effect.try({
  try: () => {
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    const args = ["req", "-x509", ...curve, "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    execFileSync("openssl", [...args, "-keyout", key, "-out", cert], { stdio: "ignore" })
  },
  catch: (cause) => new BenchError({ message: `openssl can't make a certificate: ${cause}` })
})

const own = Contender.project(Contender.root, "tls", "effect-c10k")

/** This project, and `ws`, both by TLS. */
const contenders: ReadonlyArray<Contender.Contender> = [
  {
    ...own,
    speaksTls: true,
    server: (port) => {
      const program = own.server!(port, "")
      return { ...program, args: [...program.args, "--tls-cert", cert, "--tls-key", key] }
    }
  },
  {
    name: "tls-ws",
    title: "ws by hand",
    slowness: 4,
    speaksTls: true,
    server: (port) => ({ command: "node", args: ["ws-server.js", port, "", cert, key], cwd: Contender.peersFolder })
  }
]

const ABOUT =
  " The servers speak TLS 1.3, and the load generator reaches them by a program that encrypts for it, whose CPU time is not counted."

/** The same measurement by TLS. */
const byTls = (scenario: Scenario, quick: Case, full: Case): Scenario => ({
  ...scenario,
  name: `${scenario.name}-tls`,
  title: `${scenario.title} by TLS`,
  about: scenario.about + ABOUT,
  also: contenders,
  prepare: makeCertificate,
  cases: (scale) => [{ ...(scale === "quick" ? quick : full), takesPart: ({ speaksTls }) => speaksTls === true }]
})

export const tls: ReadonlyArray<Scenario> = [
  byTls(
    relay,
    game(16, 40, 0, { title: "16 × 16 cells, no watcher" }),
    game(32, 150, 0, { title: "32 × 32 cells, no watcher" })
  ),
  byTls(echo, talk(2000, [100]), talk(60_000, [1000])),
  byTls(idle, keepOpen("/test/echo/", [200]), keepOpen("/test/echo/", [1000]))
]
