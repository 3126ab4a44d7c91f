/**
 * All that `serve` needs until it listens, loaded at once and not one after the other. The build makes a bundle of its own of it
 * (docs/decisions/0020).
 */
export { main } from "../Main.ts"
export { run } from "./ServeHandler.ts"
export { options } from "./ServeOptions.ts"
