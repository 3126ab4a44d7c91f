import * as Command from "@effect/platform/Command"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as NodeContext from "@effect/platform-node/NodeContext"
import { assert, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { PatternLibrary } from "../../../src/Life/Pattern/PatternLibrary.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"

const glider = [".O.", "..O", "OOO"]

const files = {
  rle: "x = 3, y = 3\nbo$2bo$3o!\n",
  cells: "!Name: Glider\n.O\n..O\nOOO\n",
  "105.lif": "#Life 1.05\n#P -1 -1\n.*\n..*\n***\n",
  "106.lif": "#Life 1.06\n0 -1\n1 0\n-1 1\n0 1\n1 1\n",
  bare: ".O\n..O\nOOO\n"
}

/** The message of the failure, which must be one line. */
const problem = (source: string) =>
  PatternLibrary.pipe(
    Effect.flatMap((library) => library.load(source)),
    Effect.flip,
    Effect.map(({ message }) => message)
  )

layer(NodeContext.layer)("PatternLibrary", (it) => {
  const original = (name: string) =>
    PatternLibrary.pipe(
      Effect.flatMap((library) => library.load(name)),
      Effect.map(({ grid }) => Grid.toRows(grid).join("/")),
      Effect.provide(PatternLibrary.layer)
    )

  it.effect("has the nine originals, cell for cell", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* original("beacon"), "OO../O.../...O/..OO")
      assert.strictEqual(yield* original("blinker"), "OOO")
      assert.strictEqual(yield* original("glider"), "OOO/O../.O.")
      assert.strictEqual(yield* original("lwss"), ".O..O/O..../O...O/OOOO.")
      assert.strictEqual(yield* original("mwss"), "...O../.O...O/O...../O....O/OOOOO.")
      assert.strictEqual(yield* original("hwss"), "...OO../.O....O/O....../O.....O/OOOOOO.")
      assert.strictEqual(yield* original("toad"), ".OOO/OOO.")
      assert.strictEqual((yield* original("pulsar")).replaceAll(/[^O]/g, "").length, 48)
      assert.strictEqual((yield* original("gosper")).replaceAll(/[^O]/g, "").length, 36)
    })
  )

  it.effect("finds a pattern by its name; case and extension do not matter", () =>
    Effect.gen(function* () {
      for (const name of ["pulsar", "Pulsar", "pulsar.cells", "pulsar.rle"]) {
        assert.strictEqual(yield* original(name), yield* original("pulsar"))
      }
    })
  )

  it.effect("suggests the name that the user may have meant", () =>
    Effect.gen(function* () {
      assert.match(
        yield* problem("pulser"),
        /^Pattern "pulser": .*no such pattern in the library; did you mean pulsar\?/
      )
      assert.match(yield* problem("nothing-like-it"), /no such pattern in the library; "life patterns" lists them$/)
    }).pipe(Effect.provide(PatternLibrary.layer))
  )

  it.scoped("reads a file of each format, and standard input", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const folder = yield* fs.makeTempDirectoryScoped()
      for (const [name, text] of Object.entries(files)) {
        const file = path.join(folder, name)
        yield* fs.writeFileString(file, text)
        const library = PatternLibrary.layerOf(yield* path.toFileUrl(folder), Stream.encodeText(Stream.make(text)))
        const load = (source: string) =>
          PatternLibrary.pipe(
            Effect.flatMap((library) => library.load(source)),
            Effect.map(({ grid }) => Grid.toRows(grid)),
            Effect.provide(library)
          )
        assert.deepStrictEqual(yield* load(file), glider)
        assert.deepStrictEqual(yield* load("-"), glider)
        assert.deepStrictEqual(yield* load(name), glider)
      }
    })
  )

  it.scoped("reads a pipe", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const pipe = path.join(yield* fs.makeTempDirectoryScoped(), "pipe")
      assert.strictEqual(yield* Command.exitCode(Command.make("mkfifo", pipe)), 0)
      yield* Effect.forkScoped(fs.writeFileString(pipe, files.rle))
      const library = yield* PatternLibrary
      assert.deepStrictEqual(Grid.toRows((yield* library.load(pipe)).grid), glider)
    }).pipe(Effect.provide(PatternLibrary.layer))
  )

  it.scoped("says what is wrong with a file", () =>
    Effect.gen(function* () {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const folder = yield* fs.makeTempDirectoryScoped()
      yield* fs.writeFileString(path.join(folder, "broken.rle"), "x = 3, y = 3\nbo$2bq!\n")
      const endless = Stream.repeatValue(new Uint8Array(1_000_000).fill(46))
      const library = PatternLibrary.layerOf(yield* path.toFileUrl(folder), endless)
      const about = (source: string) => Effect.provide(problem(source), library)
      assert.strictEqual(yield* about(`${folder}/none.rle`), `Pattern "${`${folder}/none.rle`}": there is no such file`)
      assert.match(yield* about(folder), /^Pattern ".*": it is a folder$/)
      assert.match(yield* about("/dev/zero"), /^Pattern "\/dev\/zero": it is longer than \d+ characters$/)
      assert.match(yield* about("broken"), /broken\.rle, line 2, column 6: found "q", expected b \(dead\)/)
      assert.match(yield* about("-"), /^Pattern "standard input": it is longer than \d+ characters$/)
      const list = PatternLibrary.pipe(
        Effect.flatMap(({ list }) => list),
        Effect.flip
      )
      assert.match((yield* Effect.provide(list, library)).message, /broken\.rle, line 2/)
    })
  )
})
