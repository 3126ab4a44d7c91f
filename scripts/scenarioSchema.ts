/** Writes the JSON Schema of scenario files, which editors use to complete and check them. Run `npm run schema` after a change. */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import { Scenario } from "../src/Echo/Scenario/Scenario.ts"
import { ScenarioSet } from "../src/Echo/Scenario/ScenarioSet.ts"
import { PLACE } from "../src/Echo/Scenario/Step.ts"
import * as ProtocolSchema from "./protocolSchema.ts"

export const file = fileURLToPath(new URL("../docs/scenario.schema.json", import.meta.url))

/** The content of the schema file. */
export const content = (): string => {
  const { $schema, ...schema } = JSONSchema.make(Schema.Union(Scenario, ScenarioSet))
  const head = { $schema, title: "A scenario of effect-c10k echo" }
  const inFiles: typeof schema = JSON.parse(
    JSON.stringify(schema, (key, value: unknown) => (key === PLACE ? undefined : value))
  )
  return `${JSON.stringify(ProtocolSchema.add({ ...head, ...inFiles }), null, 2)}\n`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(file, content())
