import type { Client } from "./Channel.ts"
import type { ChannelNode, Identity } from "./ChannelNode.ts"
import type { Disconnect } from "./Codes.ts"
import type { CommandRunner } from "./CommandRunner.ts"
import type { Subscriptions } from "./Subscriptions.ts"

/** A client's connection, as its commands see it. */
export interface ClientSession<R>
  extends Pick<CommandRunner<R>, "answer" | "beside" | "fail" | "failed" | "hook" | "isClosed" | "room"> {
  readonly node: ChannelNode<R>
  /** Who the client is, for hooks. */
  readonly client: Client
  readonly subscriptions: Subscriptions<R>
  /** The client is this one from now on: commands of all kinds may come. */
  accept(identity: Identity): void
  /** The client may not connect: a further message ends the connection. */
  refuse(): void
  /** A new token came. */
  renew(identity: Identity): void
  disconnect(why: Disconnect): void
}
