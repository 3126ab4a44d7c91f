/** What a page shares with a server on this package: codecs, and a client on the browser's own `WebSocket`. It imports nothing of Node. */

export * as ChannelsClient from "./Channels/ChannelsClient.ts"
export { ReplyError } from "./Channels/Codes.ts"
export { Connector, type ConnectorOptions } from "./WebSocket/Client/Connector.ts"
export * as Link from "./WebSocket/Client/Link.ts"
export * as NativeConnector from "./WebSocket/Client/NativeConnector.ts"
export * as Reconnecting from "./WebSocket/Client/Reconnecting.ts"
export * as Codec from "./WebSocket/Conversation/Codec.ts"
export { ConnectionClosed } from "./WebSocket/Conversation/ConnectionClosed.ts"
export type { Conversation } from "./WebSocket/Conversation/Conversation.ts"
export { type Close, CloseCode } from "./WebSocket/Frames/CloseCode.ts"
export type { Message } from "./WebSocket/Frames/Message.ts"
export { ConnectError, type ConnectFailure } from "./WebSocket/Http/ConnectError.ts"
