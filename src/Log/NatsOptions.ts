/** How to reach NATS. Apart from the connection, whose types need the packages of NATS and do not compile in every application. */
export interface NatsOptions {
  /** The urls of servers of one cluster: `nats://host:4222`. */
  readonly servers: ReadonlyArray<string>
  /** The text of a credentials file. */
  readonly credentials?: string | undefined
  /** A token for servers that expect one. */
  readonly token?: string | undefined
  /** The name of this process in the server's list of connections. */
  readonly name: string
}
