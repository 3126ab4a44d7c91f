/** For tests of endpoints and of clients: a server, its router and its clients, in memory and on Effect's clock. */

export { layer as layerTest, type TestOptions } from "./WebSocket/Api/TestServer.ts"
