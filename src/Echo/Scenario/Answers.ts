/**
 * Checks which steps say what message they wait for the answer to: a rule of the language, apart from how a file is read
 * (`ScenarioFile`).
 */
import type { Scenario } from "./Scenario.ts"
import type { Problem } from "./SchemaProblem.ts"
import { partsOf } from "./Step.ts"
import { placesOf } from "./Steps.ts"

/** Each `answers` that names no message, and each step whose figure would be recorded twice. */
function* problemsOf({ replies }: Scenario, steps: Scenario["steps"], place: string): Generator<Problem> {
  const places = placesOf(steps, [place]).map(([path, step]) => ({ path, step, ...partsOf(step) }))
  const names = new Set(places.flatMap(({ isAnswered, step }) => (isAnswered === true ? (step.name ?? []) : [])))
  const answered = new Set(places.map(({ answers }) => answers))
  const isKeyed = typeof replies === "object"
  for (const { answers, kind, path, step } of places) {
    if (typeof answers === "string" && !names.has(answers)) {
      const known = names.size === 0 ? "no send has a name" : `the names are ${[...names].join(", ")}`
      const message = `expected the name of a send that gets a reply, but found ${answers}: ${known}`
      yield { path: [...path, kind, "answers"], message }
    }
    const { name } = step
    if (name !== undefined && step.send === undefined && names.has(name) && (isKeyed || answered.has(name))) {
      const message = `step.${name} is the time until the reply to the send of this name: expected another name here`
      yield { path: [...path, "name"], message }
    }
  }
}

export const checkAll = (scenario: Scenario): Problem | undefined => {
  const [first] = (["steps", "setup", "teardown"] as const).flatMap((which) => [
    ...problemsOf(scenario, scenario[which] ?? [], which)
  ])
  return first
}
