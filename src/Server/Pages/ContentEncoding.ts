/** Compressed bodies: brotli, else gzip. The build compresses as much as possible, a server from the source quickly. */
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"

/** In the order of preference. */
export const encodings = ["br", "gzip"] as const

export type Encoding = (typeof encodings)[number]

export const suffixes: Readonly<Record<Encoding, string>> = { br: ".br", gzip: ".gz" }

/** The fewest bytes to compress: a body that fits into one packet gains nothing. */
const LEAST = 1_400

export type Variants = Partial<Readonly<Record<Encoding, Uint8Array>>>

const brotli = promisify(brotliCompress)
const zip = promisify(gzip)

/** A text in each encoding. `thorough` takes a hundred times as long and saves a sixth. */
export const compress = async (body: Uint8Array, thorough: boolean): Promise<Variants> => {
  if (body.length < LEAST) return {}
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: thorough ? constants.BROTLI_MAX_QUALITY : 4,
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length
  }
  const [br, gzip] = await Promise.all([brotli(body, { params }), zip(body, { level: thorough ? 9 : 5 })])
  return { br, gzip }
}

/** The encodings that a request's `Accept-Encoding` header accepts; `;q=0` refuses one. */
const accepted = (header: string): ReadonlyArray<Encoding> => {
  const weights = new Map(
    header
      .toLowerCase()
      .split(",")
      .map((part) => {
        const [name = "", ...parameters] = part.split(";").map((text) => text.trim())
        const weight = parameters.find((parameter) => parameter.startsWith("q="))
        return [name, weight === undefined ? 1 : Number(weight.slice(2))] as const
      })
  )
  return encodings.filter((encoding) => (weights.get(encoding) ?? weights.get("*") ?? 0) > 0)
}

/** The encoding in which to send a body to a client with this header; `undefined` for none. */
export const choose = (variants: Variants, header: string | undefined): Encoding | undefined =>
  header === undefined ? undefined : accepted(header).find((encoding) => variants[encoding] !== undefined)
