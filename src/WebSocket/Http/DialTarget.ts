/** Where a client connects to, and by which way: what `Dial` needs to open a stream. */
import * as Net from "node:net"
import * as Tls from "node:tls"
import { given } from "../../Given.ts"
import * as Authority from "../../Text/Authority.ts"
import * as SocketListeners from "../Connection/SocketListeners.ts"

/** The TLS options of a client, as Node names them: its own certificate and the certificates that it trusts. */
export interface TlsOptions
  extends Pick<
    Tls.ConnectionOptions,
    "cert" | "key" | "passphrase" | "rejectUnauthorized" | "secureContext" | "servername" | "session"
  > {
  /** Called with each session that the server offers. A later connection can resume it with `session`. */
  readonly onSession?: (session: Buffer) => void
}

/** How to reach the server. */
export interface DialRoute {
  /** The address to connect from. */
  readonly localAddress?: string
  /** The port to connect from. Without it the kernel searches for a free one, slowly if many are used. */
  readonly localPort?: number
  /** For `wss:`: certificates (PEM) to trust instead of the system's. */
  readonly ca?: string
  /** More options for `wss:`, as Node names them: a certificate of the client's own, another server name, ... */
  readonly tls?: TlsOptions
  /** The path of a Unix socket to connect to, instead of the url's host and port. */
  readonly socketPath?: string
  /** Returns the stream to the server, instead of opening one. For tests in memory. */
  readonly stream?: () => Net.Socket
  /** An HTTP proxy (`http:`), which gets a CONNECT request, with the user and password of this url if any. */
  readonly proxy?: URL
}

/** A url and a route to it, made ready for many connections. */
export interface DialPlan {
  readonly url: URL
  readonly route: DialRoute
  /** The options of the TCP connection or the Unix socket. */
  readonly options: Net.NetConnectOpts
  /** The options of TLS. Throws if they can't be used. */
  readonly secure: () => Tls.ConnectionOptions
}

export const target = (url: URL, route: DialRoute): DialPlan => {
  const { localAddress, localPort, proxy, socketPath } = route
  return {
    url,
    route,
    secure: secureOptions(url, route),
    options: {
      ...Authority.of(proxy ?? url),
      noDelay: true,
      // If a path is given, Node ignores host and port.
      ...(socketPath === undefined ? {} : { path: socketPath }),
      ...(localAddress === undefined ? {} : { localAddress }),
      ...(localPort === undefined ? {} : { localPort }),
      // All connections read into one buffer. One for each of 10,000 would need 640 MiB.
      onread: SocketListeners.onread
    }
  }
}

/** Makes the TLS options of a url once, since their context takes a millisecond. Throws if they can't be used. */
const secureOptions = (url: URL, { ca, tls = {} }: DialRoute): (() => Tls.ConnectionOptions) => {
  let options: Tls.ConnectionOptions | undefined
  return () => {
    if (options !== undefined) return options
    const { host } = Authority.of(url)
    const { cert, key, onSession: _, passphrase, secureContext, ...others } = tls
    const own = {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(passphrase === undefined ? {} : { passphrase })
    }
    options = {
      host,
      ...(Net.isIP(host) === 0 ? { servername: host } : {}),
      ...given(others),
      secureContext: secureContext ?? Tls.createSecureContext(own)
    }
    return options
  }
}
