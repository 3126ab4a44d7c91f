import { assert, describe, it } from "@effect/vitest"
import * as ServeScreen from "../../../src/Cli/Serve/ServeScreen.ts"

/** What a terminal shows of what was written: `\r` goes to the start of the line, and `ESC [2K` erases it. */
const shown = (written: string): ReadonlyArray<string> =>
  written.split("\n").map((line) => line.split("\u001b[2K").at(-1)?.replaceAll("\r", "") ?? "")

const screen = (columns = 80) => {
  let written = ""
  const console = ServeScreen.make({
    columns,
    write: (text) => {
      written += text
    }
  })
  return { console, lines: () => shown(written) }
}

describe("serve on a terminal", () => {
  it("serve on a terminal keeps its address and the state of the game in the last line, however many workers come", () => {
    const { console, lines } = screen()
    console.unsafeLine("Listening on http://localhost:8000/")
    for (let count = 100; count <= 10_000; count += 100) console.unsafeProgress(`${count} workers connected`)
    assert.deepStrictEqual(lines(), [
      "Listening on http://localhost:8000/",
      "http://localhost:8000/  10000 workers connected"
    ])
    console.unsafeProgress("Telling workers to run", "a game of 10000 workers is running")
    console.unsafeLine("Watcher connected")
    assert.deepStrictEqual(lines(), [
      "Listening on http://localhost:8000/",
      "Watcher connected",
      "http://localhost:8000/  a game of 10000 workers is running"
    ])
    console.unsafeLine("All 10000 workers have left: the game has ended, unless they come back")
    assert.strictEqual(lines().at(-1), "http://localhost:8000/  no game is running")
  })

  it("serve on a terminal draws a line that fits, since a longer one would not be erased", () => {
    const { console, lines } = screen(40)
    console.unsafeLine("Listening on http://localhost:8000/")
    console.unsafeProgress("Telling workers to run", "a game of 10000 workers is running")
    assert.strictEqual(lines().at(-1)?.length, 39)
  })
})
