import { bundled } from "../scripts/bundled.ts"
import { type Contender, root } from "./Contender.ts"

/** The ways to write an echo in an Effect application: the styles of this project, and the two ways of `@effect/platform-node`. */
export type Style = "messages" | "receive" | "forEach" | "relay" | "platform-upgrade" | "platform-socket"

const titles: Readonly<Record<Style, string>> = {
  messages: "`messages` as a Stream, with `send`",
  receive: "a `receive` loop",
  forEach: "`forEach`",
  relay: "relay style",
  "platform-upgrade": "platform-node: HttpServerRequest.upgrade",
  "platform-socket": "platform-node: NodeSocketServer.layerWebSocket"
}

/** The servers of `bench/servers/styles.ts`, bundled. Their start is not measured. */
export const styles: ReadonlyArray<Contender> = (Object.keys(titles) as ReadonlyArray<Style>).map((style) => ({
  name: style,
  title: titles[style],
  slowness: 1,
  echoesOnly: true,
  server: (port) => ({ command: "node", args: [bundled("bench/servers/styles.ts"), style, port], cwd: root })
}))
