/** The snapshots of one log in JetStream: the newest one is kept, in parts, in a stream that all logs share. */
import { infoOf, isMissing, isNoMessage, type NamedConfig } from "./LogStream.ts"
import type { Nats } from "./NatsConnection.ts"

export interface SnapshotSubjects {
  readonly stream: NamedConfig
  /** The subject of the log's snapshots. Their parts have subjects under it. */
  readonly subject: string
}

/** Bytes of a part of a snapshot: less than NATS's limit of 1 MiB for a message. */
const PART = 512 * 1024

export const load = async (nats: Nats, { stream, subject }: SnapshotSubjects): Promise<Uint8Array | undefined> => {
  const { streams } = nats.manager
  try {
    const head = await streams.getMessage(stream.name, { last_by_subj: `${subject}.head` })
    if (head === null) return undefined
    const parts: ReadonlyArray<number> = head.json()
    const found: Array<Uint8Array> = []
    for (const seq of parts) {
      const part = await streams.getMessage(stream.name, { seq })
      if (part === null) return undefined
      found.push(part.data)
    }
    return Buffer.concat(found)
  } catch (error) {
    if (isMissing(error) || isNoMessage(error)) return undefined
    throw error
  }
}

export const save = async (nats: Nats, { stream, subject }: SnapshotSubjects, snapshot: Uint8Array): Promise<void> => {
  // An engine that lost its disk has lost the snapshots too.
  await infoOf(nats, stream)
  const seqs: Array<number> = []
  for (let at = 0; at < snapshot.length; at += PART) {
    const { seq } = await nats.client.publish(`${subject}.${at / PART}`, snapshot.subarray(at, at + PART))
    seqs.push(seq)
  }
  await nats.client.publish(`${subject}.head`, JSON.stringify(seqs))
}
