/** Writes and reads frames of RFC 6455 independently of the code under test. */

export interface TestFrame {
  readonly fin: boolean
  readonly opcode: number
  readonly payload: Buffer
  /** Reserved bits, 0 to 7. */
  readonly reserved?: number
  /** Four bytes. Not masked without it. */
  readonly key?: Buffer | undefined
}

export const encode = ({ fin, key, opcode, payload, reserved = 0 }: TestFrame): Buffer => {
  const { length } = payload
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const masked = key === undefined ? 0 : 0x80
  const size = Buffer.alloc(length <= 125 ? 1 : length <= 0xffff ? 3 : 9)
  if (size.length === 1) size[0] = masked | length
  else if (size.length === 3) {
    size[0] = masked | 126
    size.writeUInt16BE(length, 1)
  } else {
    size[0] = masked | 127
    size.writeBigUInt64BE(BigInt(length), 1)
  }
  const body = key === undefined ? payload : Buffer.from(payload.map((byte, index) => byte ^ key[index % 4]!))
  return Buffer.concat([Buffer.of(first), size, key ?? Buffer.alloc(0), body])
}

/** The complete frames in `bytes`, and how many bytes they take. */
export const decode = (bytes: Buffer): { readonly frames: ReadonlyArray<TestFrame>; readonly used: number } => {
  const frames: Array<TestFrame> = []
  let at = 0
  for (;;) {
    if (bytes.length < at + 2) break
    const short = bytes[at + 1]! & 0x7f
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
    const masked = (bytes[at + 1]! & 0x80) !== 0
    const header = 2 + lengthBytes + (masked ? 4 : 0)
    if (bytes.length < at + header) break
    const length =
      lengthBytes === 0 ? short : lengthBytes === 2 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
    if (bytes.length < at + header + length) break
    const key = masked ? Buffer.from(bytes.subarray(at + header - 4, at + header)) : undefined
    const body = Buffer.from(bytes.subarray(at + header, at + header + length))
    frames.push({
      fin: (bytes[at]! & 0x80) !== 0,
      reserved: (bytes[at]! >> 4) & 7,
      opcode: bytes[at]! & 0x0f,
      key,
      payload: key === undefined ? body : Buffer.from(body.map((byte, index) => byte ^ key[index % 4]!))
    })
    at += header + length
  }
  return { frames, used: at }
}

export const closeFrame = (code: number, reason = "", key?: Buffer): TestFrame => {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason)])
  payload.writeUInt16BE(code, 0)
  return { fin: true, opcode: 8, payload, ...(key === undefined ? {} : { key }) }
}

/**
 * Copies of consecutive parts of `bytes`, with the lengths `sizes` in turn. They are copies because a decoder may
 * change its input.
 */
export const cut = (bytes: Buffer, sizes: ReadonlyArray<number>): ReadonlyArray<Buffer> => {
  const parts: Array<Buffer> = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? bytes.length
    parts.push(Buffer.from(bytes.subarray(at, at + size)))
    at += size
  }
  return parts
}
