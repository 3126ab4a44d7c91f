/** Links that open the start panel with a game: `#start=pattern:gosper&size=72x64&rule=B3/S23&edges=plane&speed=10`. Pure. */
import type { GameRequest, Start } from "../../../src/Protocol/Control.ts"
import { MAX_CELLS } from "../../../src/Protocol/Control.ts"
import { count } from "./Format.ts"

/** The longest link. Browsers and chats cut longer ones. */
const LONGEST = 8_000

const formatStart = (start: Start): string => {
  switch (start.type) {
    case "pattern":
      return `pattern:${start.name}`
    case "random":
      return `random:${start.density}`
    case "cells":
      return `cells:${start.rle}`
  }
}

/** The hash of the link; `undefined` if it would be too long. */
export const formatStartLink = ({ height, rule, speed, start, topology, width }: GameRequest): string | undefined => {
  const parts = new URLSearchParams({
    start: formatStart(start),
    size: `${width}x${height}`,
    rule,
    edges: topology,
    speed: String(speed)
  })
  const hash = `#${parts.toString().replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%24", "$").replaceAll("%21", "!")}`
  return hash.length > LONGEST ? undefined : hash
}

const parseStart = (text: string): Start | undefined => {
  const [, type, rest = ""] = /^(pattern|random|cells):(.*)$/s.exec(text) ?? []
  if (type === "pattern" && rest !== "") return { type, name: rest }
  if (type === "cells" && /^[0-9bo.$!A-Xp-y\s]+$/.test(rest)) return { type, rle: rest }
  const density = Number(rest)
  return type === "random" && density > 0 && density < 1 ? { type, density } : undefined
}

/** The game of a link's hash; a sentence if a part of it can't be meant; `undefined` if it is not such a link. */
export const parseStartLink = (hash: string): GameRequest | string | undefined => {
  const parts = new URLSearchParams(hash.replace(/^#/, ""))
  const text = parts.get("start")
  if (text === null) return undefined
  const wrong = (part: string, expected: string) => {
    const found = (parts.get(part) ?? "").slice(0, 40)
    return `This link starts no game: its part “${part}” is ${found === "" ? "missing" : `“${found}”`}, expected ${expected}.`
  }
  const start = parseStart(text)
  if (start === undefined) return wrong("start", "pattern:NAME, random: with a number from 0 to 1, or cells: with RLE")
  const [, width = 0, height = 0] = /^(\d{1,7})x(\d{1,7})$/.exec(parts.get("size") ?? "")?.map(Number) ?? []
  if (width < 1 || height < 1 || width * height > MAX_CELLS)
    return wrong("size", `columns and rows such as 64x32, with at most ${count(MAX_CELLS)} cells`)
  const speed = Number(parts.get("speed") ?? 10)
  if (!(speed > 0 && speed <= 1_000)) return wrong("speed", "a number of steps in a second, at most 1,000")
  return { start, width, height, speed, rule: parts.get("rule") ?? "B3/S23", topology: parts.get("edges") ?? "torus" }
}
