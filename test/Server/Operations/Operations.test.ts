import * as Https from "node:https"
import { connect } from "node:tls"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"
import { certificate } from "../../certificate.ts"
import { frame, Peer, request } from "../RawPeer.ts"
import { dial, metrics, open, serve, upgrade } from "../ServerRig.ts"
import { parse } from "./Exposition.ts"

const page = (port: number, path: string) => Effect.promise(() => fetch(`http://127.0.0.1:${port}${path}`))

describe("Operations", () => {
  it.scopedLive("Operations tells that it runs and whether it accepts clients", () =>
    Effect.gen(function* () {
      const port = yield* serve({ maxConnections: 1 })
      assert.strictEqual((yield* page(port, "/healthz")).status, 200)
      assert.strictEqual((yield* page(port, "/readyz")).status, 200)
      yield* open(port, "/watcher/")
      assert.strictEqual((yield* page(port, "/healthz")).status, 200)
      assert.strictEqual((yield* page(port, "/readyz")).status, 503)
    })
  )

  it.scopedLive("Operations counts events", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      // The registry belongs to the process, which had other servers before.
      const before = yield* metrics(port)
      const reset = yield* open(port, "/reset/")
      reset.send(frame(1, "1"))
      yield* Effect.promise(() => reset.close())
      reset.send(frame(8, ""))
      yield* Effect.promise(() => reset.closed())
      const worker = yield* open(port, "/worker/")
      yield* Effect.promise(() => worker.frame())
      worker.send(frame(1, "0 0"), frame(1, "sub"))
      yield* Effect.promise(() => worker.frame())
      worker.send(frame(1, "0 0 0 1"), frame(1, "1 0 0 0"))
      yield* Effect.promise(() => worker.frame())
      yield* Effect.promise(() => worker.frame())
      yield* upgrade(port, "/watcher/", { Origin: "https://evil.example" })
      yield* upgrade(port, "/nowhere/")
      const figures = yield* metrics(port)
      const expected = {
        'effect_c10k_connections{role="worker"}': 1,
        'effect_c10k_connections{role="reset"}': 0,
        'effect_c10k_connections_accepted_total{role="worker"}': 1,
        'effect_c10k_connections_refused_total{cause="origin"}': 1,
        'effect_c10k_connections_refused_total{cause="path"}': 1,
        'effect_c10k_connections_closed_total{code="1000"}': 1,
        effect_c10k_slow_closes_total: 0,
        effect_c10k_messages_received_total: 5,
        // Two states.
        effect_c10k_messages_sent_total: 2,
        effect_c10k_relayed_messages_total: 2,
        effect_c10k_deliveries_total: 2,
        effect_c10k_queued_bytes: 0,
        effect_c10k_grid_cells: 1 - 32 * 32,
        'effect_c10k_barrier_phase{phase="running"}': 1,
        'effect_c10k_barrier_phase{phase="connecting"}': -1,
        'effect_c10k_barrier_workers{state="expected"}': 1 - 32 * 32,
        'effect_c10k_barrier_workers{state="subscribed"}': 1,
        effect_c10k_resumes_total: 0
      }
      for (const [name, value] of Object.entries(expected))
        assert.strictEqual((figures.get(name) ?? Number.NaN) - (before.get(name) ?? 0), value, name)
      // A worker that takes the cell over, and is replaced in the middle of the game.
      const heir = yield* open(port, "/worker/")
      yield* Effect.promise(() => heir.frame())
      heir.send(frame(1, "sub"))
      yield* Effect.promise(() => heir.frame())
      heir.send(frame(1, "2 0 0 1"))
      assert.match(yield* Effect.promise(() => worker.close()), /^4006 /)
      const after = yield* metrics(port)
      assert.strictEqual(after.get("effect_c10k_resumes_total")! - figures.get("effect_c10k_resumes_total")!, 1)
    })
  )

  it.scopedLive("Operations writes its metrics in Prometheus's format", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      yield* open(port, "/watcher/")
      const response = yield* page(port, "/metrics")
      assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/)
      const families = parse(yield* Effect.promise(() => response.text()))
      const watchers = families.get("effect_c10k_connections")
      assert.deepInclude(watchers, { type: "gauge", help: "WebSockets that are open" })
      assert.isAtLeast(watchers?.samples.get('effect_c10k_connections{role="watcher"}') ?? 0, 1)
      for (const [name, { help, type }] of families) {
        if (!name.startsWith("effect_c10k_")) continue
        assert.notStrictEqual(help, undefined, name)
        assert.strictEqual(type === "counter", name.endsWith("_total"), name)
      }
    })
  )

  it.scopedLive("Operations has the metrics of other code in the process, and Effect's own", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const lengths = Metric.histogram("test_name.length", MetricBoundaries.fromIterable([4, 8]), "Length of names")
      yield* Effect.forEach(["Ada", "Grace", "Barbara-Liskov"], ({ length }) => Metric.update(lengths, length)).pipe(
        Effect.tagMetrics("desk", "front")
      )
      const figures = yield* metrics(port)
      const expected = {
        'test_name_length_bucket{desk="front",le="4"}': 1,
        'test_name_length_bucket{desk="front",le="8"}': 2,
        'test_name_length_bucket{desk="front",le="+Inf"}': 3,
        'test_name_length_sum{desk="front"}': 22,
        'test_name_length_count{desk="front"}': 3
      }
      for (const [name, value] of Object.entries(expected)) assert.strictEqual(figures.get(name), value, name)
      assert.isAbove(figures.get("effect_fiber_started") ?? 0, 0)
    })
  )

  it.scopedLive(
    "Operations gauges are summed over the servers of a process, and a server that ends takes back only its own share",
    () =>
      Effect.gen(function* () {
        const port = yield* serve({ maxConnections: 100 })
        const limit = Effect.map(metrics(port), (figures) => figures.get("effect_c10k_connections_limit"))
        const alone = yield* metrics(port)
        assert.strictEqual(alone.get("effect_c10k_connections_limit"), 100)
        yield* Effect.scoped(
          Effect.gen(function* () {
            const other = yield* serve({ maxConnections: 10 })
            yield* open(other, "/watcher/")
            assert.strictEqual((yield* metrics(other)).get("effect_c10k_connections_limit"), 110)
            assert.strictEqual(yield* limit, 110)
          })
        )
        const after = yield* metrics(port)
        assert.strictEqual(after.get("effect_c10k_connections_limit"), 100)
        assert.strictEqual(after.get("effect_c10k_grid_cells"), 32 * 32)
        const watchers = (name: string) =>
          (after.get(`${name}{role="watcher"}`) ?? 0) - (alone.get(`${name}{role="watcher"}`) ?? 0)
        assert.strictEqual(watchers("effect_c10k_connections"), 0)
        assert.strictEqual(watchers("effect_c10k_connections_accepted_total"), 1)
      })
  )

  it.scopedLive("Operations does not read a page's request without limit", () =>
    Effect.gen(function* () {
      const port = yield* serve()
      const post = (body: string) =>
        Effect.promise(() =>
          fetch(`http://127.0.0.1:${port}/test/http/`, {
            method: "POST",
            headers: { "content-type": "application/x-www-form-urlencoded" },
            body
          }).then(
            ({ status }) => status,
            () => 0
          )
        )
      assert.strictEqual(yield* post("a=1"), 200)
      assert.strictEqual(yield* post(`a=${"x".repeat(1_000_000)}`), 413)
      assert.strictEqual(yield* post("a=1"), 200)
    })
  )

  it.scopedLive(
    "Operations speaks TLS for pages, WebSockets and refusals, and a failed handshake does not affect others",
    () =>
      Effect.gen(function* () {
        const { cert, key } = yield* certificate
        const port = yield* serve({ certificate: { cert, key }, handshakeTimeout: 2000 })
        const plain = yield* dial(port)
        plain.send(request("/watcher/"))
        const silent = yield* dial(port)
        const hsts = yield* Effect.async<string | undefined>((resume) => {
          Https.get({ host: "localhost", port, path: "/test/", ca: cert, family: 4 }, (response) => {
            response.resume()
            resume(Effect.succeed(response.headers["strict-transport-security"]))
          })
        })
        assert.strictEqual(hsts, "max-age=31536000")
        const secure = () => new Peer(connect({ host: "127.0.0.1", port, servername: "localhost", ca: cert }))
        const peer = secure()
        peer.send(request("/test/ws/", { Host: `localhost:${port}`, Origin: `https://localhost:${port}` }))
        assert.strictEqual(yield* Effect.promise(() => peer.status()), 101)
        assert.strictEqual((yield* Effect.promise(() => peer.frame())).payload.toString(), "Hello!")
        const stranger = secure()
        stranger.send(request("/test/ws/", { Origin: "https://evil.example" }))
        assert.strictEqual(yield* Effect.promise(() => stranger.status()), 403)
        yield* Effect.promise(() => Promise.all([plain.closed(), silent.closed()]))
        peer.send(frame(1, "still here"))
        assert.strictEqual((yield* Effect.promise(() => peer.frame())).payload.toString(), "1. still here")
        peer.destroy()
      })
  )
})
