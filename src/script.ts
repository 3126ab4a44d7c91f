/** The types of `script:` steps of `effect-c10k echo`: `export default (async (talk) => { ... }) satisfies Script`. */

export type { Script, ScriptConversation } from "./Echo/Scenario/ScriptedConversation.ts"
