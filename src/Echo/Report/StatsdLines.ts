import type { Sample } from "./Samples.ts"

/** Bytes of a datagram that every network takes whole. */
const PACKET = 1400

const clean = (text: string): string => text.replaceAll(/[|:@#,\s]+/g, "_")

/**
 * Samples as datagrams of StatsD lines, with the tags of DogStatsD, which Telegraf and the others read too. A counter is
 * what it rose by since the packets before.
 */
export class StatsdLines {
  readonly #told = new Map<string, number>()

  packets(samples: ReadonlyArray<Sample>): ReadonlyArray<string> {
    const packets: Array<string> = []
    for (const line of samples.flatMap((sample) => this.#line(sample))) {
      const last = packets.at(-1)
      if (last !== undefined && Buffer.byteLength(last) + 1 + Buffer.byteLength(line) <= PACKET) {
        packets[packets.length - 1] = `${last}\n${line}`
      } else packets.push(line)
    }
    return packets
  }

  #line({ kind, labels, name, value }: Sample): ReadonlyArray<string> {
    const tags = Object.entries(labels).map(([key, text]) => `${key}:${clean(text)}`)
    const suffix = tags.length === 0 ? "" : `|#${tags.join(",")}`
    if (kind === "gauge") return [`${name}:${value}|g${suffix}`]
    const key = `${name}${suffix}`
    const told = this.#told.get(key) ?? 0
    // Of another run it counts from 0 again.
    const risen = value < told ? value : value - told
    this.#told.set(key, value)
    return risen === 0 ? [] : [`${name}:${risen}|c${suffix}`]
  }
}
