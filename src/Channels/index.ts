/** Channels for the clients of Centrifugo's protocol, such as `centrifuge` from npm. */

export type { Client, Refusal } from "./Channel.ts"
export * as Channel from "./Channel.ts"
export { type ChannelPublication, Channels, type ChannelsOptions, type SharedChannelsOptions } from "./Channels.ts"
export * as ChannelsClient from "./ChannelsClient.ts"
export type { ClientLimits, ConnectRequest, Identity } from "./ClientConnection.ts"
export { Disconnect, disconnects, errors, ReplyError } from "./Codes.ts"
