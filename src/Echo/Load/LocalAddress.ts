import { isIP, isIPv4 } from "node:net"
import * as Either from "effect/Either"

const EXPECTED = "expected addresses or ranges such as 127.0.0.1,10.0.0.5 or 127.0.0.1-127.0.0.4"

const MAX_ADDRESSES = 65536

const toNumber = (address: string): number =>
  address.split(".").reduce((number, part) => number * 256 + Number(part), 0)

const fromNumber = (number: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join(".")

const part = (text: string): Either.Either<ReadonlyArray<string>, string> => {
  const [first = "", last, ...rest] = text.trim().split("-")
  if (last === undefined) return isIP(first) === 0 ? Either.left(`"${text}" is not an address`) : Either.right([first])
  if (rest.length > 0 || !isIPv4(first) || !isIPv4(last))
    return Either.left(`"${text}" is not a range of IPv4 addresses`)
  const length = toNumber(last) - toNumber(first) + 1
  if (length < 1) return Either.left(`the range "${text}" ends before it begins`)
  if (length > MAX_ADDRESSES) return Either.left(`the range "${text}" has more than ${MAX_ADDRESSES} addresses`)
  return Either.right(Array.from({ length }, (_, index) => fromNumber(toNumber(first) + index)))
}

/** Reads a list of addresses and ranges of IPv4 addresses, separated by commas. Returns all addresses. */
export const parse = (text: string): Either.Either<ReadonlyArray<string>, string> =>
  Either.all(text.split(",").map(part)).pipe(
    Either.map((parts) => parts.flat()),
    Either.mapLeft((message) => `${message}: ${EXPECTED}`)
  )
