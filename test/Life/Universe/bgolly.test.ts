/** Golly's command line as an oracle: the same start, rule, topology and number of steps must give the same cells. */
import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, beforeEach, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FastCheck from "effect/FastCheck"
import * as Pattern from "../../../src/Life/Pattern/Pattern.ts"
import * as PatternText from "../../../src/Life/Pattern/PatternText.ts"
import * as Placement from "../../../src/Life/Pattern/Placement.ts"
import * as RleWriter from "../../../src/Life/Pattern/RleWriter.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import { Simulator } from "../../../src/Life/Universe/Simulator.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import * as TopologyText from "../../../src/Life/Universe/TopologyText.ts"
import { need } from "../../need.ts"
import * as arbitraries from "../arbitraries.ts"
import { isAlive } from "../plain.ts"

/** The smallest rectangle with all cells that are not dead, since Golly does not say where the cells are. */
const shape = (grid: Grid.Grid): ReadonlyArray<string> => {
  const rows = Grid.toRows(grid)
  const filled = rows.flatMap((row, index) => (/[^.]/.test(row) ? [index] : []))
  const inside = rows.slice(filled[0] ?? 0, (filled.at(-1) ?? -1) + 1)
  const left = Math.min(...inside.map((row) => row.search(/[^.]|$/)))
  const right = Math.max(...inside.map((row) => row.replace(/\.+$/, "").length))
  return inside.map((row) => row.slice(left, right))
}

/** The folder in which bgolly reads and writes, until the scope closes. */
const files = Effect.gen(function* () {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const folder = yield* fs.makeTempDirectoryScoped()
  return { fs, input: path.join(folder, "in.rle"), output: path.join(folder, "out.rle") }
})

/** Golly has a separate algorithm for rules of two states. */
const algorithm = ({ states }: Rule.Rule): ReadonlyArray<string> => (states > 2 ? ["-a", "Generations"] : [])

const golly = (world: arbitraries.World, steps: number) =>
  Effect.gen(function* () {
    const { fs, input, output } = yield* files
    const pattern = Pattern.make(world.grid, { rule: world.rule })
    yield* fs.writeFileString(input, RleWriter.write(pattern, { topology: world.topology, generation: 0 }))
    const run = Command.make("bgolly", ...algorithm(world.rule), "-q", "-q", "-m", String(steps), "-o", output, input)
    assert.strictEqual(yield* Command.exitCode(run), 0)
    return (yield* PatternText.read(yield* fs.readFileString(output), output)).grid
  }).pipe(Effect.scoped)

// Golly emulates rules with birth on 0 in the infinite plane around its grid. This project has no such plane.
const world = (maxSide: number) => arbitraries.world(maxSide).filter(({ rule }) => !Rule.hasBirthOnZero(rule))

const describeWorld = ({ grid, rule, topology }: arbitraries.World): string =>
  `${RuleText.format(rule)}:${TopologyText.format(topology)} from\n${Grid.toRows(grid).join("\n")}`

/** A quadtree in the simplest form: no node is shared. */
const macrocell = (grid: Grid.Grid): string => {
  const lines: Array<string> = []
  const write = (level: number, row: number, col: number): number => {
    if (level === 3) {
      const rows = Array.from({ length: 8 }, (_, r) =>
        Array.from({ length: 8 }, (_, c) => {
          const isInside = row + r < grid.height && col + c < grid.width
          return isInside && isAlive(grid, row + r, col + c) ? "*" : "."
        })
          .join("")
          .replace(/\.+$/, "")
      )
      if (rows.every((row) => row === "")) return 0
      return lines.push(`${rows.join("$").replace(/\$+$/, "")}$`)
    }
    const half = 2 ** (level - 1)
    const quarters = [
      write(level - 1, row, col),
      write(level - 1, row, col + half),
      write(level - 1, row + half, col),
      write(level - 1, row + half, col + half)
    ]
    return lines.push(`${level} ${quarters.join(" ")}`)
  }
  write(5, 0, 0)
  return ["[M2] (test)", "#R B3/S23", ...lines, ""].join("\n")
}

/** The cells of a grid in each format, in forms that our own writers do not use. */
const formats: { readonly [extension: string]: (grid: Grid.Grid, salt: number) => string } = {
  rle: (grid, salt) =>
    `#C salt ${salt}\nx = 1, y = 1\n${Grid.toRows(grid)
      .map((row, n) => row.replaceAll(".", "b").replaceAll("O", "o") + ((n + salt) % 3 === 0 ? "\n" : ""))
      .join("$")}!`,
  cells: (grid, salt) =>
    `!salt ${salt}\n${Grid.toRows(grid)
      .map((row) => row.replace(/\.+$/, ""))
      .join("\n")}`,
  mc: (grid) => macrocell(grid),
  "105.lif": (grid, salt) => {
    const cut = salt % grid.width
    const rows = Grid.toRows(grid).map((row) => row.replaceAll("O", "*"))
    const block = (from: number, to: number) => [`#P ${from - cut} 7`, ...rows.map((row) => row.slice(from, to))]
    return ["#Life 1.05", "#N", ...(cut === 0 ? [] : block(0, cut)), ...block(cut, grid.width), ""].join("\n")
  },
  "106.lif": (grid, salt) => {
    const live = Array.from(grid.cells, (state, index) => ({ state, index })).filter(({ state }) => state === 1)
    const turned = [...live.slice(salt % (live.length + 1)), ...live]
    const line = (index: number) => `${(index % grid.width) - salt} ${Math.floor(index / grid.width) - 3}`
    return ["#Life 1.06", ...turned.map(({ index }) => line(index)), ""].join("\n")
  }
}

beforeEach(() => need("golly"))

layer(NodeContext.layer)("bgolly", (it) => {
  const assertAgrees = (world: arbitraries.World, steps: number) =>
    Effect.gen(function* () {
      const simulator = new Simulator(world.grid, world.rule, world.topology)
      simulator.run(steps)
      const theirs = yield* golly(world, steps)
      assert.deepStrictEqual(shape(simulator.grid()), shape(theirs), describeWorld(world))
    })

  it.effect.prop(
    "agrees on one step of small grids with any rule and topology",
    [world(7)],
    ([world]) => assertAgrees(world, 1),
    { fastCheck: { numRuns: 60 } }
  )

  it.effect.prop(
    "agrees on many steps of Generations rules on any topology",
    [
      arbitraries.generationsWorld(25).filter(({ rule }) => !Rule.hasBirthOnZero(rule)),
      FastCheck.integer({ min: 1, max: 40 })
    ],
    ([world, steps]) => assertAgrees(world, steps),
    { fastCheck: { numRuns: 40 } }
  )

  it.effect.prop(
    "agrees on many steps of Conway's Life on any topology",
    [arbitraries.lifeWorld(45), FastCheck.integer({ min: 1, max: 60 })],
    ([world, steps]) => assertAgrees(world, steps),
    { fastCheck: { numRuns: 30 } }
  )

  it.effect.prop(
    "reads files of every format in the same way",
    [arbitraries.grid(20), FastCheck.constantFrom(...Object.entries(formats)), FastCheck.nat(1000)],
    ([grid, [extension, write], salt]) =>
      Effect.gen(function* () {
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const folder = yield* fs.makeTempDirectoryScoped()
        const input = path.join(folder, `in.${extension}`)
        const output = path.join(folder, "out.rle")
        const text = write(grid, salt)
        yield* fs.writeFileString(input, text)
        // Only this algorithm of Golly can read a quadtree.
        const algorithm = extension === "mc" ? ["-a", "HashLife"] : []
        yield* Command.exitCode(Command.make("bgolly", ...algorithm, "-q", "-q", "-m", "0", "-o", output, input))
        const theirs = yield* PatternText.read(yield* fs.readFileString(output), output)
        const ours = yield* PatternText.read(text, input)
        assert.deepStrictEqual(shape(ours.grid), shape(theirs.grid), text)
        assert.deepStrictEqual(shape(ours.grid), shape(grid), text)
      }).pipe(Effect.scoped),
    { fastCheck: { numRuns: 40 } }
  )

  /** The number of steps. The margin around a pattern is large enough for one cell per step. */
  const REACH = 20

  it.effect.each([
    "Steeplechase.mcl",
    "Transers.mcl",
    "What-a-mess.mcl",
    "Bloomerang.mcl",
    "Fireworks.mcl",
    "Nova.mcl",
    "Sawfish.rle"
  ])("reads and plays Golly's own %s as Golly does", (name) =>
    Effect.gen(function* () {
      const { fs, output } = yield* files
      const input = `/usr/share/golly/Patterns/Generations/${name}`
      const { grid, rule = Rule.life } = yield* PatternText.read(yield* fs.readFileString(input), input)
      assert.isAbove(rule.states, 2)
      const run = Command.make("bgolly", "-a", "Generations", "-q", "-q", "-m", String(REACH), "-o", output, input)
      assert.strictEqual(yield* Command.exitCode(run), 0)
      const theirs = yield* PatternText.read(yield* fs.readFileString(output), output)
      const plane = Topology.plane(grid.width + 2 * REACH, grid.height + 2 * REACH)
      const start = yield* Placement.place(Grid.make(plane.width, plane.height), grid, Placement.at(REACH, REACH))
      const simulator = new Simulator(start, rule, plane)
      simulator.run(REACH)
      assert.strictEqual(simulator.population, Grid.population(theirs.grid))
      assert.deepStrictEqual(shape(simulator.grid()), shape(theirs.grid))
    }).pipe(Effect.scoped)
  )

  it.effect.prop(
    "plays LifeHistory as Life, without its marks",
    [
      FastCheck.array(FastCheck.array(FastCheck.constantFrom(..."....ABCDE"), { minLength: 5, maxLength: 9 }), {
        minLength: 3,
        maxLength: 9
      })
    ],
    ([rows]) =>
      Effect.gen(function* () {
        const { fs, input, output } = yield* files
        const rules = ["-a", "RuleLoader", "-s", "/usr/share/golly/Rules/"]
        const text = `x = 9, y = 9, rule = LifeHistory:P40,40\n${rows.map((row) => row.join("")).join("$")}!\n`
        yield* fs.writeFileString(input, text)
        yield* Command.exitCode(Command.make("bgolly", ...rules, "-q", "-q", "-m", "6", "-o", output, input))
        const theirs = yield* PatternText.read(yield* fs.readFileString(output), output)
        const ours = yield* PatternText.read(text, input)
        const room = Grid.make(40, 40)
        for (let row = 0; row < ours.grid.height; row++) {
          for (let col = 0; col < ours.grid.width; col++) {
            if (isAlive(ours.grid, row, col)) room.cells[(row + 15) * 40 + col + 15] = 1
          }
        }
        const simulator = new Simulator(room, Rule.life, Topology.plane(40, 40))
        simulator.run(6)
        assert.strictEqual(RuleText.format(ours.rule ?? Rule.life), "B3/S23")
        assert.deepStrictEqual(shape(simulator.grid()), shape(theirs.grid), text)
      }).pipe(Effect.scoped),
    { fastCheck: { numRuns: 30 } }
  )

  it.scoped("agrees on the notation of every rule and topology", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const folder = yield* fs.makeTempDirectoryScoped()
      for (const sample of FastCheck.sample(world(9), { numRuns: 25, seed: 1 })) {
        const input = path.join(folder, "in.rle")
        const output = path.join(folder, "out.rle")
        const text = RleWriter.write(Pattern.make(sample.grid, { rule: sample.rule }), { topology: sample.topology })
        yield* fs.writeFileString(input, text)
        yield* Command.exitCode(
          Command.make("bgolly", ...algorithm(sample.rule), "-q", "-q", "-m", "1", "-o", output, input)
        )
        const header = (text: string) => /rule = (\S+)/.exec(text)?.[1]
        assert.strictEqual(header(text), header(yield* fs.readFileString(output)))
      }
    })
  )
})
