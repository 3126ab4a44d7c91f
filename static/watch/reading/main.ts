/** The readers of pattern files. This is a separate script, which is loaded when a viewer first loads a pattern. */
import * as Either from "effect/Either"
import * as PatternText from "../../../src/Life/Pattern/PatternText.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"

export const read = (text: string) =>
  Either.match(PatternText.read(text, "This pattern"), {
    onLeft: ({ message }) => ({ problem: message }),
    onRight: ({ grid, rule, topology }) => ({
      width: grid.width,
      height: grid.height,
      cells: grid.cells,
      rule: rule === undefined ? undefined : RuleText.format(rule),
      topology:
        topology === undefined
          ? undefined
          : { text: topology.text, width: topology.width.size, height: topology.height.size },
      isGun: /^[#!].*\bgun\b/im.test(text)
    })
  })
