/** The same client in a browser. It writes what it receives into `document.title`. */
import * as Effect from "effect/Effect"
import * as NativeConnector from "../../../src/WebSocket/Client/NativeConnector.ts"
import { ask } from "./askingPids.ts"

const browser = globalThis as unknown as { location: { href: string }; document: { title: string } }
const url = new URL("/pid", browser.location.href.replace(/^http/, "ws"))

ask(url, (pid) => {
  browser.document.title = pid
}).pipe(Effect.provide(NativeConnector.layer()), Effect.runFork)
