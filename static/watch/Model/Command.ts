/** The command line that starts a game. Pure. */
import { cellsFile, type GameRequest } from "../../../src/Protocol/Control.ts"

/** Quotes a text for a POSIX shell if it needs quotes. */
const quote = (text: string): string => (/^[\w./:,+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

const short = (value: number): string => String(Math.round(value * 1000) / 1000)

/**
 * The command line `command` (`npx effect-c10k life`) with the options for `game` on the server at `origin`
 * (`http://host:port`). Options with their default values are left out.
 */
export const commandFor = (command: string, game: GameRequest, origin: string): string => {
  const { height, rule, speed, start, topology, width } = game
  const options: Array<string> = []
  if (start.type === "pattern") options.push("-p", quote(start.name))
  if (start.type === "random" && start.density !== 0.25) options.push("--density", short(start.density))
  if (start.type === "cells") options.push("-p", "-", "-C")
  if (width === height) options.push("-s", String(width))
  else options.push("--width", String(width), "--height", String(height))
  if (rule !== "B3/S23") options.push("--rule", quote(rule))
  if (topology !== "torus") options.push("--topology", quote(topology))
  options.push("-l", short(speed))
  const url = origin.replace(/^http/, "ws")
  if (url !== "ws://localhost:8000") options.push("--url", quote(url))
  const life = `${command} ${options.join(" ")}`
  if (start.type !== "cells") return life
  // Only cells that are written as letters need a header.
  const lines = /[A-X]/.test(start.rle) ? cellsFile(start.rle).split("\n") : [start.rle]
  return `printf '%s\\n' ${lines.map(quote).join(" ")} | ${life}`
}
