/** Random attacks: the bytes that a broken or hostile client may send, from the beginning of its handshake. */
import { frame, request } from "../Server/RawPeer.ts"

/** The bytes of one connection, in the pieces that are written. */
export type Attack = ReadonlyArray<Uint8Array>

const paths = ["/test/echo/", "/test/ws/", "/worker/", "/watcher/", "/reset/"] as const

export const attackOf = (random: () => number): Attack => {
  const below = (n: number) => Math.floor(random() * n)
  const pick = <A>(values: ReadonlyArray<A>): A => values[below(values.length)]!
  const bytes = (length: number) => Uint8Array.from({ length }, () => below(256))

  /** A header with any opcode, bits, mask and encoding of the length, and some bytes after it. */
  const wildFrame = () => {
    const first = below(256)
    const mask = random() < 0.8 ? 0x80 : 0
    const form = below(4)
    const length = [below(126), 126, 127, 127][form]!
    const more = form === 0 ? [] : form === 1 ? bytes(2) : form === 2 ? [0, 0, 0, 0, 0, ...bytes(3)] : bytes(8)
    return Uint8Array.from([first, mask | length, ...more, ...bytes(below(300))])
  }

  const flipped = () => {
    const whole = Uint8Array.from(frame(pick([0, 1, 2, 8, 9, 10]), bytes(below(200)), pick([0, 0x80])))
    for (let i = 0; i <= below(4); i++) whole[below(Math.min(20, whole.length))]! ^= 1 << below(8)
    return whole
  }

  const messages = () =>
    Array.from({ length: 1 + below(5) }, () =>
      frame(
        1,
        pick(["sub", "0 0", "0 0 0 1", "1 0 0 0", "-1", "9".repeat(1 + below(40)), "3x3 torus", "\u{1f600}", ""])
      )
    )

  const endless = () => [frame(1, "x", 0), ...Array.from({ length: 1500 }, () => frame(0, "x", 0))]

  const huge = () => Uint8Array.from([0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4, ...bytes(100)])

  const cut = (parts: Attack): Attack => {
    const all = Buffer.concat(parts)
    const end = random() < 0.5 ? all.length : below(all.length)
    const middle = below(end + 1)
    return random() < 0.5 ? [all.subarray(0, end)] : [all.subarray(0, middle), all.subarray(middle, end)]
  }

  const open = Buffer.from(request(pick(paths)))
  switch (below(8)) {
    case 0:
      return cut([open])
    case 1:
      return [bytes(1 + below(300))]
    case 2:
      return cut([open, bytes(1 + below(300))])
    case 3:
      return cut([open, flipped(), flipped()])
    case 4:
      return cut([open, wildFrame(), wildFrame()])
    case 5:
      return cut([open, ...messages(), wildFrame()])
    case 6:
      return random() < 0.1 ? [open, ...endless()] : [open, huge()]
    default:
      return cut([open, frame(8, bytes(below(130)))])
  }
}
