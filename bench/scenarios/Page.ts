import * as fs from "node:fs"
import * as os from "node:os"
import * as path from "node:path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { BenchError } from "../BenchError.ts"
import * as Contender from "../Contender.ts"
import { cpuPer, memory } from "../Metric.ts"
import * as PeerPackages from "../PeerPackages.ts"
import * as ProcessTree from "../ProcessTree.ts"
import type { Case, Scenario } from "../Scenario.ts"
import * as Server from "../Server.ts"

const Report = Schema.parseJson(
  Schema.Struct({
    errors: Schema.Number,
    mismatches: Schema.Number,
    non2xx: Schema.Number,
    "2xx": Schema.Number,
    duration: Schema.Number,
    latency: Schema.Struct({ p99: Schema.Number })
  })
)

const pageOf = Effect.fnUntraced(function* ({ port }: Server.Server) {
  const text = yield* Effect.tryPromise({
    try: (signal) => fetch(`http://127.0.0.1:${port}/`, { signal }).then((response) => response.text()),
    catch: () => new BenchError({ message: "the watch page cannot be fetched" })
  })
  return text.includes("<html") ? text : yield* new BenchError({ message: "GET / is not a page" })
})

/** Writes the page of this project to a file for the peers, so that all serve the same bytes. Only another commit serves its own page. */
const watchPage = Effect.gen(function* () {
  const folder = yield* Effect.acquireRelease(
    Effect.sync(() => fs.mkdtempSync(path.join(os.tmpdir(), "bench-page-"))),
    (folder) => Effect.sync(() => fs.rmSync(folder, { recursive: true }))
  )
  const server = yield* Server.start(Contender.project(Contender.root))
  const file = path.join(folder, "page.html")
  fs.writeFileSync(file, yield* pageOf(server))
  return file
})

export const load = (connections: number, requests: number): Case => ({
  points: [{ title: `GET /, ${connections} connections` }],
  takesPart: (contender) => contender.servesPage === true,
  measure: (contender) =>
    Effect.gen(function* () {
      const file = yield* watchPage
      const server = yield* Server.start(contender, file)
      const text = yield* pageOf(server)
      const before = yield* server.usage
      const report = path.join(path.dirname(file), "report.json")
      const autocannon = path.join(Contender.peersFolder, "node_modules", "autocannon", "autocannon.js")
      const url = `http://127.0.0.1:${server.port}/`
      const command = `node "$0" -j -c "$1" -a "$2" -E "$3" "$4" > "$5"`
      const args = ["-c", command, autocannon, connections, requests, text, url, report]
      yield* ProcessTree.run({ command: "sh", args, cwd: Contender.root })
      const after = yield* server.usage
      const done = yield* Schema.decode(Report)(fs.readFileSync(report, "utf8")).pipe(
        Effect.mapError((error) => new BenchError({ message: `autocannon's report cannot be read: ${error.message}` }))
      )
      const wrong = done.errors + done.mismatches + done.non2xx
      if (wrong > 0) return yield* new BenchError({ message: `${wrong} of ${requests} answers were not the page` })
      return [
        {
          cpu: ((after.cpu - before.cpu) / done["2xx"]) * 1e6,
          requests: done["2xx"] / done.duration,
          p99: done.latency.p99,
          memory: after.memory / 2 ** 20
        }
      ]
    })
})

export const page: Scenario = {
  name: "page",
  title: "Page load",
  about:
    "autocannon loads the watch page over HTTP/1.1, on connections that are kept alive, and compares each body. " +
    "The peers serve the same bytes, from memory.",
  metrics: [
    cpuPer("request", 0),
    { key: "requests", label: "requests", unit: "1/s", better: "higher", digits: 0 },
    { key: "p99", label: "latency, p99", unit: "ms", better: "lower", digits: 0 },
    memory
  ],
  prepare: PeerPackages.install,
  cases: (scale) => [load(50, scale === "quick" ? 2000 : 20_000)]
}
