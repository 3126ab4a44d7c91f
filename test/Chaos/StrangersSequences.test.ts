/**
 * Sequences on one connection, plain and over TLS, with and without compression. Whatever a client pipelines, splits,
 * leaves unread or cuts: the server lives, each answer belongs to its request, honest clients keep their echoes, memory
 * stays in the budget, and nothing is left when all have gone.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { WebSocket } from "ws"
import { certificate } from "../certificate.ts"
import { testLimit } from "../limits.ts"
import { start } from "../Server/ServerProcess.ts"
import { isLong, randomOf, seed } from "./Chaos.ts"
import { memoryKeptBy, reportsMemory } from "./KeptMemory.ts"
import { open, play, type Target } from "./SequenceClient.ts"
import { sequenceOf } from "./sequences.ts"

const MIB = 1024 * 1024
const BUDGET = 64
/** What the server may keep beside what the budget counts, in MiB: the connections themselves, and answers that are being made. */
const UNCOUNTED = 64
/** The sequences of each server, and how many are played at a time. */
const sequences = isLong ? Number(process.env["EFFECT_C10K_SEQUENCES"] ?? 20_000) : 120
const CONCURRENCY = 40
/** The clients that pipeline requests for pages and read nothing, and how many requests each sends. */
const deaf = 12
const PIPELINED = 4000
/** The server's limit for a handshake, in milliseconds. */
const HANDSHAKE = 10_000

/** All that the server says to one request on a connection of its own. */
const ask = (target: Target, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = open(target)
    let text = ""
    socket.on("error", reject)
    socket.on("data", (chunk) => {
      text += chunk
    })
    socket.on("end", () => socket.end())
    socket.on("close", () => resolve(text))
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  })

/** The numbers that must return to what they were: connections by role but the bystanders', and bytes. */
const leftovers = async (target: Target): Promise<ReadonlyArray<string>> => {
  const lines = (await ask(target, "/metrics")).split("\n")
  return lines.filter(
    (line) =>
      /^effect_c10k_(connections\{|queued_bytes |held_bytes )/.test(line) &&
      !line.includes('role="echo"} 1') &&
      !/ 0$/.test(line)
  )
}

/** An honest client of the package `ws`, which checks its echoes until `stop`. */
const bystander = (url: string, ca: string | undefined, compress: boolean) => {
  const socket = new WebSocket(url, { perMessageDeflate: compress, ...(ca === undefined ? {} : { ca }) })
  let answers = 0
  const messageOf = (count: number) => Buffer.alloc(200 + (count % 4000), count & 255)
  const ended = new Promise<string | undefined>((resolve) => {
    socket.on("open", () => socket.send(messageOf(answers)))
    socket.on("message", (data: Buffer) => {
      if (!data.equals(messageOf(answers))) resolve(`echo ${answers} is wrong`)
      answers++
      // A pause, so that the cost of a run does not grow with its time.
      setTimeout(() => socket.send(messageOf(answers)), 20)
    })
    socket.on("error", (error) => resolve(String(error)))
    socket.on("close", (code) => resolve(`closed with ${code} after ${answers} echoes`))
  })
  return {
    ended,
    /** Waits for one more echo. */
    alive: async (): Promise<string | undefined> => {
      const before = answers
      while (answers === before) {
        const problem = await Promise.race([ended, new Promise<undefined>((r) => setTimeout(r, 20, undefined))])
        if (problem !== undefined) return problem
      }
      return undefined
    },
    stop: () => socket.terminate()
  }
}

/** Pipelines requests for the metrics and reads nothing, until it is destroyed. */
const deafClient = (target: Target) => {
  const socket = open(target)
  socket.pause()
  socket.on("error", () => {})
  socket.write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(PIPELINED))
  return socket
}

/**
 * Whether a client that has said a byte shortly before the end of its time is cut before one that came half that time later.
 */
const oneDeadline = (target: Target): Promise<boolean> =>
  new Promise((resolve) => {
    const early = open(target)
    early.on("error", () => {})
    early.on("close", () => resolve(true))
    early.on("data", () => {})
    early.on("end", () => early.end())
    setTimeout(() => early.write("G"), 0.9 * HANDSHAKE)
    setTimeout(() => {
      const late = open(target)
      late.on("error", () => {})
      late.on("data", () => {})
      late.on("end", () => late.end())
      late.on("close", () => resolve(false))
    }, HANDSHAKE / 2)
  })

const servers = [
  { name: "plain", isTls: false, compress: false },
  { name: "TLS, compressed", isTls: true, compress: true },
  ...(isLong
    ? [
        { name: "plain, compressed", isTls: false, compress: true },
        { name: "TLS", isTls: true, compress: false }
      ]
    : [])
]

describe("Strangers in sequences", () => {
  for (const { compress, isTls, name } of servers)
    it.scopedLive(
      `${name}: ${sequences} sequences on one connection harm nobody (EFFECT_C10K_SEED=${seed}, Node ${process.version})`,
      () =>
        Effect.gen(function* () {
          const random = randomOf(seed)
          const { cert, certFile, keyFile } = yield* certificate
          const args = [
            ...["serve", "--host", "127.0.0.1", "--port", "0", "--heartbeat", "0", "--max-memory", `${BUDGET}MiB`],
            ...["--handshake-timeout", `${HANDSHAKE / 1000}s`],
            ...(isTls ? ["--tls-cert", certFile, "--tls-key", keyFile] : []),
            ...(compress ? ["--compress"] : [])
          ]
          const server = yield* start(args, reportsMemory)
          const target: Target = { port: yield* Effect.promise(() => server.port()), ca: isTls ? cert : undefined }
          const url = `${isTls ? "wss" : "ws"}://localhost:${target.port}/test/echo/`
          const honest = bystander(url, target.ca, compress)
          yield* Effect.addFinalizer(() => Effect.sync(honest.stop))
          const findings = new Set<string>()
          /** Whether the server still runs. */
          const check = () => {
            if (server.child.exitCode === null) return true
            findings.add(`the server ended with ${server.child.exitCode}: ${server.errors.slice(-1500)}`)
            return false
          }
          const round = (count: number) =>
            Effect.forEach(
              Array.from({ length: count }),
              () =>
                Effect.promise(async () => {
                  if (!check()) return
                  const problem = await play(target, sequenceOf(random), random)
                  if (problem !== undefined) findings.add(problem)
                }),
              { concurrency: CONCURRENCY, discard: true }
            )
          /** Waits until nothing is left of clients that have gone. */
          const untilGone = Effect.promise(async () => {
            let left: ReadonlyArray<string> = []
            for (let i = 0; i < 300 && check(); i++) {
              left = await leftovers(target).catch((error) => [String(error)])
              if (left.length === 0) return
              await new Promise((resolve) => setTimeout(resolve, 100))
            }
            if (check()) findings.add(`left behind: ${left.join(", ")}`)
          })

          // Memory that the server needs once, for code and buffers, is no leak.
          yield* round(sequences / 4)
          yield* untilGone
          const before = yield* check() ? memoryKeptBy(server) : Effect.succeed(undefined)
          let isPlaying = true
          const allPlayed = yield* Deferred.make<void>()
          let peak = 0
          // Resident memory also has the garbage that V8 did not collect yet. `npm run bench` has bars for it.
          const sampler = yield* Effect.gen(function* () {
            while (isPlaying && check()) {
              const [collecting, { buffers, heap }] = yield* Effect.timed(memoryKeptBy(server))
              peak = Math.max(peak, heap + buffers)
              // Otherwise a busy machine would do nothing but collect garbage.
              const pause = Duration.sum(Duration.times(collecting, 10), "200 millis")
              yield* Effect.race(Effect.sleep(pause), Deferred.await(allPlayed))
            }
          }).pipe(Effect.exit, Effect.fork)
          const unread = Array.from({ length: deaf }, () => deafClient(target))
          const deadline = oneDeadline(target)
          yield* round((3 * sequences) / 4)
          if (check() && !(yield* Effect.promise(() => deadline)))
            findings.add("a handshake that has begun has more time than one that has not")
          for (const socket of unread) socket.destroy()
          yield* untilGone
          isPlaying = false
          yield* Deferred.succeed(allPlayed, undefined)
          yield* Fiber.join(sampler)
          const kept = before === undefined ? 0 : peak - before.heap - before.buffers
          if (kept > (BUDGET + UNCOUNTED) * MIB)
            findings.add(`${Math.round(kept / MIB)} MiB more were kept, with a budget of ${BUDGET} MiB`)
          if (check()) {
            const problem = yield* Effect.promise(honest.alive)
            if (problem !== undefined) findings.add(`the honest client: ${problem}`)
          }
          if (check() && before !== undefined) {
            const after = yield* memoryKeptBy(server)
            const grown = after.heap - before.heap
            if (grown > 8 * MIB) findings.add(`${Math.round(grown / MIB)} MiB of the heap are kept when all have left`)
            if ((after.resources["Timeout"] ?? 0) > (before.resources["Timeout"] ?? 0) + 1)
              findings.add(`timers are left: ${JSON.stringify(after.resources)}`)
          }
          if (check()) {
            // What is answered now does not matter, but whoever is there must not keep the server.
            const last = yield* Effect.fork(
              Effect.promise(() =>
                Promise.all(Array.from({ length: CONCURRENCY }, () => play(target, sequenceOf(random), random)))
              )
            )
            const deafAtTheEnd = Array.from({ length: deaf }, () => deafClient(target))
            yield* Effect.promise(() => ask(target, "/healthz"))
            server.child.kill("SIGTERM")
            const status = yield* Effect.promise(() => server.ended)
            if (status !== 0) findings.add(`the server ended with ${status}: ${server.errors.slice(-1500)}`)
            for (const socket of deafAtTheEnd) socket.destroy()
            yield* Fiber.join(last)
          }
          assert.deepStrictEqual([...findings].slice(0, 20), [])
          // Refusals are logged. A stack trace would mean an unhandled case, a warning that listeners pile up.
          assert.notMatch(server.errors, /^\s+at |MaxListenersExceeded/m)
        }),
      isLong ? 7_200_000 : testLimit()
    )
})
