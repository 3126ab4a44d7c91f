/** Which steps say what message they wait for the answer to. */
import type { Problem } from "./Names.ts"
import type { Scenario } from "./Scenario.ts"
import { partsOf } from "./Step.ts"
import { placesOf } from "./Steps.ts"

/** The first `answers` that names no message, or a step whose figure would be recorded twice. */
const check = ({ replies }: Scenario, steps: Scenario["steps"], place: string): Problem | undefined => {
  const places = placesOf(steps, [place]).map(([path, step]) => ({ path, step, ...partsOf(step) }))
  const names = new Set(places.flatMap(({ isAnswered, step }) => (isAnswered === true ? (step.name ?? []) : [])))
  const answered = new Set(places.map(({ answers }) => answers))
  const isKeyed = typeof replies === "object"
  for (const { answers, kind, path, step } of places) {
    if (typeof answers === "string" && !names.has(answers)) {
      const known = names.size === 0 ? "no send has a name" : `the names are ${[...names].join(", ")}`
      return {
        path: [...path, kind, "answers"],
        message: `expected the name of a send that gets a reply, but found ${answers}: ${known}`
      }
    }
    const { name } = step
    if (name !== undefined && step.send === undefined && names.has(name) && (isKeyed || answered.has(name))) {
      return {
        path: [...path, "name"],
        message: `step.${name} is the time until the reply to the send of this name: expected another name here`
      }
    }
  }
  return undefined
}

/** The same for all conversations of a scenario. */
export const checkAll = (scenario: Scenario): Problem | undefined =>
  check(scenario, scenario.steps, "steps") ??
  check(scenario, scenario.setup ?? [], "setup") ??
  check(scenario, scenario.teardown ?? [], "teardown")
