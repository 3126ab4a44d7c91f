/** The WebSocket API: endpoints, written in relay or conversation style, on a router and a server; and a client. */

export * as Admit from "./WebSocket/Api/Admit.ts"
export type { AdmissionRequest } from "./WebSocket/Api/Admitting.ts"
export { layer as layerSocket, make as makeSocket } from "./WebSocket/Api/ClientSocket.ts"
export { connect } from "./WebSocket/Api/ConversationClient.ts"
export {
  type AdmitOptions,
  type ConversationRequest,
  conversation
} from "./WebSocket/Api/ConversationEndpoint.ts"
export type { ConversationOptions } from "./WebSocket/Api/ConversationOptions.ts"
export { make as socketOf, type SocketOptions } from "./WebSocket/Api/ConversationSocket.ts"
export { layer as layerHttpServer, layerServer as layerHttpServerOnly } from "./WebSocket/Api/EffectHttpServer.ts"
export { layer as layerSocketServer } from "./WebSocket/Api/EffectSocketServer.ts"
export type { ListeningOptions } from "./WebSocket/Api/Listening.ts"
export { upgrade } from "./WebSocket/Api/UpgradableRequest.ts"
export { type ServerOptions, WebSocketServer } from "./WebSocket/Api/WebSocketServer.ts"
export type { Connection, Handler } from "./WebSocket/Connection/Connection.ts"
export { Reactor, type ReactorOptions } from "./WebSocket/Connection/Reactor.ts"
export * as Codec from "./WebSocket/Conversation/Codec.ts"
export { ConnectionClosed } from "./WebSocket/Conversation/ConnectionClosed.ts"
export type { Conversation } from "./WebSocket/Conversation/Conversation.ts"
export { type Close, CloseCode } from "./WebSocket/Frames/CloseCode.ts"
export type { Message } from "./WebSocket/Frames/Message.ts"
export type { ConnectOptions } from "./WebSocket/Http/Client.ts"
export { ConnectError, type ConnectFailure } from "./WebSocket/Http/ConnectError.ts"
export type { Endpoint, UpgradeRequest } from "./WebSocket/Http/Endpoint.ts"
export { ListenError } from "./WebSocket/Http/HttpListener.ts"
export { relay, WebSocketRouter } from "./WebSocket/Http/WebSocketRouter.ts"
export * as Topic from "./WebSocket/Topic/Topic.ts"
