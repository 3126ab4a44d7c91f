/** The WebSocket API: endpoints, written in relay or conversation style, on a router and a server. */
export { type Close, CloseCode } from "./WebSocket/CloseCode.ts"
export type { Connection, Handler } from "./WebSocket/Connection.ts"
export { ConnectionClosed, type Conversation } from "./WebSocket/Conversation.ts"
export { conversation } from "./WebSocket/ConversationEndpoint.ts"
export type { Message } from "./WebSocket/Message.ts"
export { Reactor } from "./WebSocket/Reactor.ts"
export { type Endpoint, relay, type UpgradeRequest, WebSocketRouter } from "./WebSocket/WebSocketRouter.ts"
export { type ServerOptions, WebSocketServer } from "./WebSocket/WebSocketServer.ts"
