/** Lines about the bytes of a run and its compression. */
import * as Count from "../../Text/Count.ts"
import { agreedOf, type Compression } from "../Measure/Compression.ts"
import type { Report } from "../Measure/Report.ts"

const count = (n: number, what: string): string => `${Count.format(n)} ${what}${n === 1 ? "" : "s"}`

/** A number of bytes, and how much this is of the payload. */
const partOf = (wire: number, payload: number): string =>
  payload === 0 ? Count.format(wire) : `${Count.format(wire)} (${Count.format((100 * wire) / payload, 1)} %)`

const agreements = ({ agreed }: Compression): ReadonlyArray<string> =>
  Object.entries(agreed).map(([answer, connections]) => `compression: ${count(connections, "connection")}, ${answer}`)

export const render = ({ compression, wire }: Report): ReadonlyArray<string> => {
  if (compression === undefined) {
    return [`${Count.format(wire.sent)} bytes sent, ${Count.format(wire.received)} received on the wire`]
  }
  const { payload } = compression
  return [
    `${Count.format(payload.sent)} bytes of messages sent as ${partOf(wire.sent, payload.sent)} on the wire, ` +
      `${Count.format(payload.received)} received as ${partOf(wire.received, payload.received)}`,
    ...agreements(compression)
  ]
}

/** A warning about a server that does not compress; `undefined` if it does or if compression was not offered. */
export const warning = ({ compression }: Report): string | undefined => {
  if (compression === undefined || compression.declined === 0) return undefined
  const agreed = agreedOf(compression)
  return agreed === 0
    ? `the server does not speak permessage-deflate: none of ${count(compression.declined, "connection")} was compressed`
    : `the server did not agree to permessage-deflate on ${Count.format(compression.declined)} of ${count(agreed + compression.declined, "connection")}: these were not compressed`
}
