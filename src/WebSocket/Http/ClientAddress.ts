/** The address of a client: the peer's or, behind a trusted proxy, its client's (docs/decisions/0073). */
import type { IncomingHttpHeaders } from "node:http"
import { BlockList, isIP } from "node:net"

const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4")

/** The eight numbers of an IPv6 address. */
const groupsOf = (address: string): ReadonlyArray<number> => {
  const [head = "", tail] = address.split("%", 1)[0]!.split("::")
  const parse = (text: string) => (text === "" ? [] : text.split(":").flatMap(numbersOf))
  const before = parse(head)
  const after = parse(tail ?? "")
  return [...before, ...new Array<number>(Math.max(0, 8 - before.length - after.length)).fill(0), ...after]
}

/** The numbers of one group of an IPv6 address. A dotted IPv4 address at its end stands for two groups. */
const numbersOf = (group: string): ReadonlyArray<number> => {
  if (!group.includes(".")) return [Number.parseInt(group, 16)]
  const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number)
  return [a * 256 + b, c * 256 + d]
}

/** The IPv4 address that an IPv6 address stands for (`::ffff:192.0.2.1`); else the address without its zone. */
const plain = (address: string): string => {
  if (isIP(address) !== 6) return address
  const groups = groupsOf(address)
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff
  return isMapped ? `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}` : address.split("%", 1)[0]!
}

/** What is wrong with the text of a trusted proxy (`10.0.0.1`, `10.0.0.0/8`), or `undefined`. */
export const problemOfProxy = (text: string): string | undefined => {
  const [address = "", bits, ...rest] = text.split("/")
  const most = isIP(address) === 6 ? 128 : 32
  const isFine = isIP(address) > 0 && rest.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && +bits <= most))
  return isFine
    ? undefined
    : `${text} is not an address or subnet: expected one such as 10.0.0.1, 10.0.0.0/8 or fd00::/8`
}

/** The client of a request, as far as the request's headers can be trusted. */
export interface RequestClient {
  readonly address: string
  /** The scheme that the client used with the proxy, in lower case; `undefined` if no trusted proxy says it. */
  readonly scheme: string | undefined
}

export type ClientOf = (remoteAddress: string | undefined, headers: IncomingHttpHeaders) => RequestClient

/** `proxies` are addresses or subnets that have no `problemOfProxy`. */
export const make = (proxies: ReadonlyArray<string>): ClientOf => {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const [address = "", bits] = proxy.split("/")
    if (bits === undefined) trusted.addAddress(address, family(address))
    else trusted.addSubnet(address, Number(bits), family(address))
  }
  const isTrusted = (address: string) => isIP(address) > 0 && trusted.check(address, family(address))

  const addressFrom = (peer: string, headers: IncomingHttpHeaders): string => {
    // Each proxy appends the address of its own client. Read from the end, an entry that a stranger made up comes after
    // all that trusted proxies wrote.
    let client = peer
    for (const entry of listOf(headers["x-forwarded-for"]).reverse()) {
      const address = forwarded(entry)
      if (address === undefined) return client
      client = address
      if (!isTrusted(address)) return client
    }
    return client
  }

  return (remoteAddress, headers) => {
    const peer = plain(remoteAddress ?? "")
    if (proxies.length === 0 || !isTrusted(peer)) return { address: peer, scheme: undefined }
    const scheme = listOf(headers["x-forwarded-proto"])[0]?.toLowerCase()
    return { address: addressFrom(peer, headers), scheme }
  }
}

const listOf = (header: string | ReadonlyArray<string> | undefined): Array<string> =>
  header === undefined
    ? []
    : [header]
        .flat()
        .join(",")
        .split(",")
        .map((entry) => entry.trim())

/** The address of an entry. Some proxies write it with the client's port: `192.0.2.1:5`, `[2001:db8::1]:5`. */
const forwarded = (entry: string): string | undefined => {
  const bare = entry.replace(/^"(.*)"$/, "$1")
  const address = /^\[(.+)\](?::\d+)?$/.exec(bare)?.[1] ?? /^([\d.]+):\d+$/.exec(bare)?.[1] ?? bare
  return isIP(address) === 0 ? undefined : plain(address)
}

/** Whether a connection from this address never left this machine: `127.0.0.0/8` or `::1`. Each handshake asks, and a `BlockList` takes 20 µs. */
export const isLoopback = (address: string): boolean => {
  const known = plain(address)
  return isIP(known) === 6
    ? groupsOf(known).every((group, index) => group === (index === 7 ? 1 : 0))
    : known.startsWith("127.") && isIP(known) === 4
}

/** The addresses that count as one client: an IPv4 address, or an IPv6 /64, which providers give to a customer. */
export const groupOf = (address: string): string => {
  if (isIP(address) !== 6) return address
  const network = groupsOf(address).slice(0, 4)
  return `${network.map((group) => group.toString(16)).join(":")}::/64`
}
