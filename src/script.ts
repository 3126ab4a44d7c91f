/** The types of `script:` steps of `effect-c10k echo`: `export default (async (talk) => { ... }) satisfies Script`. */

/** The type of a protocol that `protocol: ./FILE` of a scenario names: `export default { ... } satisfies Protocol`. */
export type { Protocol } from "./Echo/Scenario/Protocol.ts"
export type { Script, ScriptConversation } from "./Echo/Scenario/Steps/Script.ts"
