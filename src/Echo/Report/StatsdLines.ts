import type { Sample } from "./Samples.ts"

/** The most bytes of a datagram. Every network carries this size without fragmentation. */
const PACKET = 1400

const clean = (text: string): string => text.replaceAll(/[|:@#,\s]+/g, "_")

/**
 * Writes samples as datagrams of StatsD lines with DogStatsD tags, which Telegraf and others can read too. A counter is sent as
 * its increase since the last call.
 */
export class StatsdLines {
  readonly #sent = new Map<string, number>()

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
    const sent = this.#sent.get(key) ?? 0
    // Another run counts from 0 again.
    const risen = value < sent ? value : value - sent
    this.#sent.set(key, value)
    return risen === 0 ? [] : [`${name}:${risen}|c${suffix}`]
  }
}
