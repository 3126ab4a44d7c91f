/** `npm run chaos`: long games with many kills, random, from a seed that is printed: `npm run chaos -- SEED GAMES`. */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as LifeChaos from "./LifeChaos.ts"

const [first = String(Math.floor(Math.random() * 1_000_000)), games = "3"] = process.argv.slice(2)

const sizes = [
  { width: 32, height: 32 },
  { width: 20, height: 11 },
  { width: 5, height: 5 }
]

const program = Effect.forEach(
  Array.from({ length: Number(games) }, (_, n) => n),
  (n) => {
    const seed = Number(first) + n
    const size = sizes[n % sizes.length]!
    return Console.log(`seed ${seed}: ${size.width} x ${size.height}, 200 steps, 50 kills`).pipe(
      Effect.zipRight(
        LifeChaos.run({ seed, ...size, steps: 200, kills: 50, speed: 5, log: (line) => console.log(`  ${line}`) })
      ),
      Effect.tap((report) => Console.log(`  all cells right: ${JSON.stringify(report)}`))
    )
  },
  { discard: true }
)

NodeRuntime.runMain(program)
