import { spawn } from "node:child_process"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Peer from "../../Echo/Peer.ts"
import * as WsServer from "../../Echo/WsServer.ts"
import { program } from "../../program.ts"

/** The screen of a terminal after this text, for the few control sequences of the live view. */
const screenOf = (text: string): ReadonlyArray<string> => {
  let lines: Array<string> = [""]
  let row = 0
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is read here
  for (const [token] of text.matchAll(/\u001b\[(\d*)([AJK])|\r|\n|[^\u001b\r\n]+/g)) {
    if (token.endsWith("A") && token.startsWith("\u001b")) row = Math.max(0, row - Number(token.slice(2, -1)))
    else if (token === "\u001b[J") lines = [...lines.slice(0, row), ""]
    else if (token === "\u001b[2K" || token === "\r") lines[row] = token === "\r" ? (lines[row] ?? "") : ""
    else if (token === "\n") lines[++row] ??= ""
    else lines[row] = token
  }
  return lines
}

describe("the live view in a terminal", () => {
  it.scopedLive(
    "the live view in a terminal shows a chart of the round trips and the failures, and is replaced by the summary",
    () =>
      Effect.gen(function* () {
        let met = 0
        const { url } = yield* WsServer.serve((peer) => (++met % 2 === 0 ? Peer.echo(peer) : peer.close(4000, "full")))
        const command = `stty cols 90 rows 30; TERM=xterm ${process.execPath} ${program().join(" ")} echo --url ${url} -c 4 --rate 40 --duration 4s`
        let text = ""
        yield* Effect.async<void>((resume) => {
          const child = spawn("script", ["-qec", command, "/dev/null"], { stdio: ["ignore", "pipe", "inherit"] })
          child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk
          })
          child.on("close", () => resume(Effect.void))
        })
        // A view is complete when the next one begins by going up. It may come in several pieces, or several at once.
        // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
        const views = [...text.matchAll(/\u001b\[\d+A/g)].map(({ index }) => screenOf(text.slice(0, index)))
        const shown = views.findLast((lines) => lines.some((line) => line.startsWith("round trip, second by second")))
        assert.isDefined(shown)
        const view = shown?.join("\n") ?? ""
        assert.match(view, /^0:0\d {2}all clients have started\n/)
        assert.match(view, /\nfailures\n +\d+ {2}early close: .*4000/)
        assert.match(view, /second by second: █ p50, ░ p99\n +\d+(\.\d+)? m?s[ █░]*\n[\s\S]*█/)
        const end = screenOf(text).join("\n")
        assert.notInclude(end, "second by second")
        assert.match(end, /^\d+ of \d+ conversations right/)
      })
  )
})
