/** Reads requests of Prometheus remote write, independently of what writes them. */
import { uncompress } from "snappyjs"

/** The fields of a protobuf message: numbers and bytes by field. */
const fieldsOf = (bytes: Buffer): ReadonlyArray<readonly [field: number, value: number | Buffer]> => {
  const fields: Array<readonly [number, number | Buffer]> = []
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++]!
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }
  while (at < bytes.length) {
    const key = varint()
    if ((key & 7) === 2) {
      const length = varint()
      fields.push([key >> 3, bytes.subarray(at, at + length)])
      at += length
    } else if ((key & 7) === 1) {
      fields.push([key >> 3, bytes.readDoubleLE(at)])
      at += 8
    } else fields.push([key >> 3, varint()])
  }
  return fields
}

const parts = (bytes: Buffer, field: number): ReadonlyArray<Buffer> =>
  fieldsOf(bytes).flatMap(([key, value]) => (key === field && typeof value !== "number" ? [value] : []))

/** A write request as lines: `name label=value ... @time value`. */
export const linesOf = (request: Buffer): ReadonlyArray<string> =>
  parts(uncompress(request), 1).map((series) => {
    const labels = parts(series, 1).map((label) => `${parts(label, 1)[0]}=${parts(label, 2)[0]}`)
    const [value, time] = fieldsOf(parts(series, 2)[0]!).map(([, number]) => number)
    return `${labels.join(" ")} @${time} ${value}`
  })
