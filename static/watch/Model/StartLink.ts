/** Links that open the start panel with a game: `#start=pattern:gosper&size=72x64&rule=B3/S23&edges=plane&speed=10`. Pure. */
import type { GameRequest, Start } from "../../../src/Protocol/Control.ts"
import { maxCells } from "../../../src/Protocol/Control.ts"

/** The longest link. Browsers and chats cut longer ones. */
const longest = 8_000

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
  return hash.length > longest ? undefined : hash
}

const parseStart = (text: string): Start | undefined => {
  const [, type, rest = ""] = /^(pattern|random|cells):(.*)$/s.exec(text) ?? []
  if (type === "pattern" && rest !== "") return { type, name: rest }
  if (type === "cells" && /^[0-9bo.$!A-Xp-y\s]+$/.test(rest)) return { type, rle: rest }
  const density = Number(rest)
  return type === "random" && density > 0 && density < 1 ? { type, density } : undefined
}

/** The game of a link's hash; `undefined` if it is not such a link or a part of it is invalid. */
export const parseStartLink = (hash: string): GameRequest | undefined => {
  const parts = new URLSearchParams(hash.replace(/^#/, ""))
  const start = parseStart(parts.get("start") ?? "")
  const [, width = 0, height = 0] = /^(\d{1,7})x(\d{1,7})$/.exec(parts.get("size") ?? "")?.map(Number) ?? []
  const speed = Number(parts.get("speed") ?? 10)
  if (start === undefined || width < 1 || height < 1 || width * height > maxCells) return undefined
  if (!(speed > 0 && speed <= 1_000)) return undefined
  return { start, width, height, speed, rule: parts.get("rule") ?? "B3/S23", topology: parts.get("edges") ?? "torus" }
}
