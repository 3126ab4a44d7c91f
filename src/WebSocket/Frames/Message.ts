/** A WebSocket message: a text message is a string, a binary message its bytes. */
export type Message = string | Uint8Array
