import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import { firstOf } from "../../../src/Life/Universe/Neighbourhood.ts"
import * as Rule from "../../../src/Life/Universe/Rule.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import * as arbitraries from "../arbitraries.ts"

const canonical = (text: string): string =>
  Either.match(RuleText.parse(text), { onLeft: String, onRight: RuleText.format })

const reason = (text: string): string =>
  Either.match(RuleText.parse(text), { onLeft: (error) => error.reason, onRight: RuleText.format })

describe("Rule", () => {
  it("Conway's rule: born on 3, survives on 2 and 3", () => {
    const next = (state: Rule.State) =>
      [0, 1, 2, 3, 4, 5, 6, 7, 8].map((count) => Rule.next(Rule.life, state, firstOf(count)))
    assert.deepStrictEqual(next(0), [0, 0, 0, 1, 0, 0, 0, 0, 0])
    assert.deepStrictEqual(next(1), [0, 0, 1, 1, 0, 0, 0, 0, 0])
  })

  // Accepted and rejected as Golly 3.3 does; its canonical form is on the right.
  it.each([
    ["B3/S23", "B3/S23"],
    ["S23/B3", "B3/S23"],
    ["B3S23", "B3/S23"],
    ["S23B3", "B3/S23"],
    ["23/3", "B3/S23"],
    ["B3", "B3/S"],
    ["S23", "B/S23"],
    ["B3/", "B3/S"],
    ["/3", "B3/S"],
    ["23/", "B/S23"],
    ["B3/23", "B3/S23"],
    ["3/S23", "B3/S23"],
    ["23/B3", "B3/S23"],
    [" b 3 / s 2 3 ", "B3/S23"],
    ["B33/S32", "B3/S23"],
    ["B", "B/S"],
    ["S", "B/S"],
    ["/", "B/S"],
    ["B/S", "B/S"],
    ["B0123478/S01234678", "B0123478/S01234678"],
    ["B13/S012v", "B13/S012V"],
    ["B2/S34H", "B2/S34H"],
    ["23/3H", "B3/S23H"],
    ["B3V", "B3/SV"],
    ["Life", "B3/S23"],
    ["highlife", "B36/S23"],
    ["day & night", "B3678/S34678"],
    ["DayAndNight", "B3678/S34678"],
    ["Day and Night", "B3678/S34678"],
    ["Seeds", "B2/S"],
    ["LongLife", "B345/S5"],
    ["Replicator", "B1357/S1357"],
    ["B2-a/S12", "B2-a/S12"],
    ["b2-A/s12", "B2-a/S12"],
    ["12/2ceikn", "B2-a/S12"],
    ["2-a/2-a", "B2-a/S2-a"],
    ["B2ceaikn/S12", "B2/S12"],
    ["S2-i34q/B3", "B3/S2-i34q"],
    ["tLife", "B3/S2-i34q"],
    ["B2ci3ai4c8/S02ae3eijkq4iz5ar6i7e", "B2ci3ai4c8/S02ae3eijkq4iz5ar6i7e"],
    ["345/2/4", "345/2/4"],
    ["/2/3", "/2/3"],
    ["//3", "//3"],
    ["B2/S345/4", "345/2/4"],
    ["S345/B2/4", "345/2/4"],
    ["2/B2/3", "2/2/3"],
    ["S/B/3", "//3"],
    ["/2/03", "/2/3"],
    ["/2/255", "/2/255"],
    ["34/2/4v", "34/2/4V"],
    ["34/2/4H", "34/2/4H"],
    ["12/2-a/4", "12/2-a/4"],
    ["B2-a/S12/4", "12/2-a/4"]
  ])("Rule reads %s as %s", (text, expected) => {
    assert.strictEqual(canonical(text), expected)
  })

  // These are in LifeWiki's notation, which Golly 3.3 does not read. A rule with two states is an ordinary rule.
  it.each([
    ["B2/S/C3", "/2/3"],
    ["b2/s345/c4", "345/2/4"],
    ["B2/S34/C4V", "34/2/4V"],
    ["23/3/2", "B3/S23"],
    ["Brian's Brain", "/2/3"],
    ["brians brain", "/2/3"],
    ["StarWars", "345/2/4"],
    ["star wars", "345/2/4"]
  ])("Rule also reads %s as %s", (text, expected) => {
    assert.strictEqual(canonical(text), expected)
  })

  it("Star Wars: only live cells are counted; a cell that does not survive goes through two more states, and is not born in them", () => {
    const rule = Either.getOrThrow(RuleText.parse("345/2/4"))
    const next = (state: Rule.State, count: number) => Rule.next(rule, state, firstOf(count))
    assert.deepStrictEqual([next(0, 2), next(0, 3), next(1, 3), next(1, 2)], [1, 0, 1, 2])
    for (const count of [0, 2, 3, 8]) assert.deepStrictEqual([next(2, count), next(3, count)], [3, 0])
  })

  it.each([
    ["", /empty/],
    ["3", /a slash.*must separate birth from survival/],
    ["B3/S23/", /"\/" occurs twice/],
    ["B3B3", /"B" occurs twice/],
    ["B9/S23", /found 9.*8 neighbours/],
    ["B3S23/", /mixes/],
    ["/B3S23", /mixes/],
    ["B3/2S3", /mixes/],
    ["B3_S23", /found "_"/],
    ["B35/S23V", /found 5.*4 neighbours/],
    ["B27/S34H", /found 7.*6 neighbours/],
    ["2V/3", /must be the last/],
    ["B3/VS23", /must be the last/],
    ["B2x/S12", /found "x"|found "X"/],
    ["B2c9/S12", /found "9" where a count/],
    ["B2q/S12", /found q after 2, which takes the letters aceikn/],
    ["B8c/S12", /found c after 8, which takes no letters/],
    ["B2-/S12a", /- after 2 needs letters/],
    ["B2a/B3", /twice/],
    ["B2a/S12/S3", /"\/" occurs twice/],
    ["B2-a/S12V", /only with eight neighbours/],
    ["/2/1", /found 1 states.*from 2 to 255/],
    ["/2/256", /found 256 states/],
    ["/2/3/", /"\/" occurs twice/],
    ["B2/S/C", /found "C"/],
    ["35/2/4V", /found 5.*4 neighbours/],
    ["Conway", /no rule has this name$/],
    ["HighLive", /no rule has this name; did you mean HighLife\?/]
  ])("Rule rejects %s", (text, expected) => {
    assert.match(reason(text), expected)
  })

  it("Rule names the written rule and gives examples of correct ones", () => {
    const error = Either.getOrThrow(Either.flip(RuleText.parse("B9/S23")))
    assert.match(error.message, /^Rule "B9\/S23": found 9, .*Write it like B3\/S23/)
  })

  it("every name is a valid rule", () => {
    for (const [name, rule] of Object.entries(RuleText.names)) assert.strictEqual(canonical(name), canonical(rule))
  })

  it.prop("Rule reads what it writes", [arbitraries.rule], ([rule]) => {
    assert.isTrue(Rule.equals(Either.getOrThrow(RuleText.parse(RuleText.format(rule))), rule))
  })
})
