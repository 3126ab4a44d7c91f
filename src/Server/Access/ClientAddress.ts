/** Whose a connection is: the peer's address or, behind a proxy that is trusted, the one that it forwards for. */
import type { IncomingHttpHeaders } from "node:http"
import { BlockList, isIP } from "node:net"

const family = (address: string) => (isIP(address) === 6 ? "ipv6" : "ipv4")

/** Without the prefix that a socket for both families gives to IPv4. */
const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "")

/** What is wrong with a trusted proxy as written (`10.0.0.1`, `10.0.0.0/8`), if anything. */
export const problemOfProxy = (text: string): string | undefined => {
  const [address = "", bits, ...rest] = text.split("/")
  const most = isIP(address) === 6 ? 128 : 32
  const isFine = isIP(address) > 0 && rest.length === 0 && (bits === undefined || (/^\d+$/.test(bits) && +bits <= most))
  return isFine ? undefined : `${text} is no address or subnet: expected one as 10.0.0.1, 10.0.0.0/8 or fd00::/8`
}

/** Gives the address of a client. */
export type AddressOf = (remoteAddress: string | undefined, headers: IncomingHttpHeaders) => string

/** `proxies` are addresses or subnets without a `problemOfProxy`. */
export const make = (proxies: ReadonlyArray<string>): AddressOf => {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const [address = "", bits] = proxy.split("/")
    if (bits === undefined) trusted.addAddress(address, family(address))
    else trusted.addSubnet(address, Number(bits), family(address))
  }
  const isTrusted = (address: string) => isIP(address) > 0 && trusted.check(address, family(address))

  return (remoteAddress, headers) => {
    const peer = plain(remoteAddress ?? "")
    if (proxies.length === 0 || !isTrusted(peer)) return peer
    // Each proxy appends whom it was asked by: read from the end, whatever a stranger wrote himself comes last.
    const forwarded = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",")
    let client = peer
    for (const entry of forwarded.reverse()) {
      const address = plain(entry.trim())
      if (isIP(address) === 0) return client
      client = address
      if (!isTrusted(address)) return client
    }
    return client
  }
}

/** Whether the connection never left this machine. */
export const isLoopback = (address: string): boolean => address.startsWith("127.") || address === "::1"

/** What counts as one client: an IPv4 address or a /64 of IPv6, which is what a customer gets. */
export const groupOf = (address: string): string => {
  if (isIP(address) !== 6) return address
  const [head = "", tail] = address.split("%", 1)[0]!.split("::")
  const before = head === "" ? [] : head.split(":")
  const after = tail === undefined || tail === "" ? [] : tail.split(":")
  const zeros = tail === undefined ? [] : new Array<string>(Math.max(0, 8 - before.length - after.length)).fill("0")
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16).toString(16))
  return `${groups.slice(0, 4).join(":")}::/64`
}
