/** The registry of protocols, which the script that writes their schema reads too. */
import type { CheckedProtocol } from "./Protocol.ts"
import { centrifugo } from "./Protocols/Centrifugo.ts"
import { graphqlWs } from "./Protocols/GraphqlWs.ts"
import { jsonRpc } from "./Protocols/JsonRpc.ts"
import { phoenix } from "./Protocols/Phoenix.ts"
import { socketIo } from "./Protocols/SocketIo.ts"

export const protocols: Readonly<Record<string, CheckedProtocol>> = {
  "socket.io": socketIo,
  "graphql-ws": graphqlWs,
  centrifugo,
  "json-rpc": jsonRpc,
  phoenix
}
