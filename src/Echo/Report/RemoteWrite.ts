/**
 * The body of a Prometheus remote write request, version 1: a `WriteRequest` in protobuf, packed with snappy.
 * https://prometheus.io/docs/specs/prw/remote_write_spec/
 */
import type { Sample } from "./Samples.ts"

export const headers = {
  "content-type": "application/x-protobuf",
  "content-encoding": "snappy",
  "x-prometheus-remote-write-version": "0.1.0"
} as const

const varint = (n: number): ReadonlyArray<number> => {
  const bytes: Array<number> = []
  let rest = n
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return [...bytes, rest]
}

/** A field with bytes: text, or another message. */
const delimited = (field: number, bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from([(field << 3) | 2, ...varint(bytes.length)]), bytes])

const message = (...fields: ReadonlyArray<Uint8Array>): Uint8Array => Buffer.concat(fields)

const label = (name: string, value: string): Uint8Array =>
  delimited(1, message(delimited(1, Buffer.from(name)), delimited(2, Buffer.from(value))))

const sample = (value: number, at: number): Uint8Array => {
  const double = Buffer.alloc(9)
  double[0] = (1 << 3) | 1
  double.writeDoubleLE(value, 1)
  return delimited(2, message(double, Buffer.from([2 << 3, ...varint(at)])))
}

/** A time series with one sample. The specification requires labels in the order of their names. */
const series = ({ labels, name, value }: Sample, more: Sample["labels"], at: number): Uint8Array => {
  const all = Object.entries({ ...more, ...labels, __name__: name }).sort(([a], [b]) => (a < b ? -1 : 1))
  return delimited(1, message(...all.map(([key, text]) => label(key, text)), sample(value, at)))
}

const LITERAL = 1 << 16

/** Snappy's block format with literals only. The samples of one second are too small for real compression. */
const snappy = (bytes: Uint8Array): Uint8Array => {
  const parts: Array<Uint8Array> = [Buffer.from(varint(bytes.length))]
  for (let at = 0; at < bytes.length; at += LITERAL) {
    const part = bytes.subarray(at, at + LITERAL)
    // The tag 61 means that the length minus one follows in two bytes.
    parts.push(Buffer.from([61 << 2, (part.length - 1) & 255, (part.length - 1) >> 8]), part)
  }
  return Buffer.concat(parts)
}

/** `labels` are added to every series. `at` is in milliseconds since 1970. */
export const encode = (samples: ReadonlyArray<Sample>, labels: Sample["labels"], at: number): Uint8Array =>
  snappy(message(...samples.map((each) => series(each, labels, at))))
