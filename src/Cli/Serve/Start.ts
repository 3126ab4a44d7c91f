/** All that `serve` needs until it listens, loaded at once: a bundle of its own (docs/decisions/0020). */
export { main } from "../Main.ts"
export { run } from "./ServeHandler.ts"
export { options } from "./ServeOptions.ts"
