/** Channels for the clients of Centrifugo's protocol, such as `centrifuge` from npm. */

export type { Client, Refusal } from "./Channel.ts"
export * as Channel from "./Channel.ts"
export type { ClientLimits, ConnectRequest, Identity } from "./ChannelNode.ts"
export { type ChannelPublication, Channels } from "./Channels.ts"
export * as ChannelsClient from "./ChannelsClient.ts"
export type { ChannelsOptions, SharedChannelsOptions } from "./ChannelsOptions.ts"
export { Disconnect, disconnects, errors, ReplyError } from "./Codes.ts"
