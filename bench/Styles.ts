import { type Contender, root } from "./Contender.ts"

/** How an Effect application may write an echo: the styles of this project, and the ways of `@effect/platform-node`. */
export type Style = "messages" | "receive" | "forEach" | "relay" | "platform-upgrade" | "platform-socket"

const titles: Readonly<Record<Style, string>> = {
  messages: "`messages` as a Stream, with `send`",
  receive: "a `receive` loop",
  forEach: "`forEach`",
  relay: "relay style",
  "platform-upgrade": "platform-node: HttpServerRequest.upgrade",
  "platform-socket": "platform-node: NodeSocketServer.layerWebSocket"
}

/** Servers of `bench/servers/styles.ts`, from the source: what is measured begins when they are up. */
export const styles: ReadonlyArray<Contender> = (Object.keys(titles) as ReadonlyArray<Style>).map((style) => ({
  name: style,
  title: titles[style],
  slowness: 1,
  echoesOnly: true,
  server: (port) => ({ command: "node", args: ["--import", "tsx", "bench/servers/styles.ts", style, port], cwd: root })
}))
