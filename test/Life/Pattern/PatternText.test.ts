import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as FastCheck from "effect/FastCheck"
import * as CellRuns from "../../../src/Life/Pattern/CellRuns.ts"
import * as Pattern from "../../../src/Life/Pattern/Pattern.ts"
import * as PatternText from "../../../src/Life/Pattern/PatternText.ts"
import * as RleWriter from "../../../src/Life/Pattern/RleWriter.ts"
import * as Grid from "../../../src/Life/Universe/Grid.ts"
import * as RuleText from "../../../src/Life/Universe/RuleText.ts"
import * as Topology from "../../../src/Life/Universe/Topology.ts"
import * as TopologyText from "../../../src/Life/Universe/TopologyText.ts"
import * as arbitraries from "../arbitraries.ts"

/** The pattern as its `.cells` file. */
const writeCells = (pattern: Pattern.Pattern): string => {
  const lines = [
    ...(pattern.name === undefined ? [] : [`Name: ${pattern.name}`]),
    ...(pattern.author === undefined ? [] : [`Author: ${pattern.author}`]),
    ...pattern.comments
  ].map((line) => `!${line}`)
  // Readers recognise the format by a `!` at the start, so there must be at least one comment.
  return [...(lines.length === 0 ? ["!"] : lines), ...Grid.toRows(pattern.grid), ""].join("\n")
}

const read = (text: string) => Either.getOrThrow(PatternText.read(text, "test"))
const rows = (text: string) => Grid.toRows(read(text).grid).join("/")
const problem = (text: string) => Either.getOrThrow(Either.flip(PatternText.read(text, "test"))).message
const ruleOf = (text: string) => {
  const { rule } = read(text)
  return rule === undefined ? undefined : RuleText.format(rule)
}

const glider = ".O./..O/OOO"

describe("detection by content", () => {
  it.each([
    ["RLE", "x = 3, y = 3, rule = B3/S23\nbo$2bo$3o!"],
    ["RLE under comments", "#N Glider\nx=3,y=3\nbo$2bo$3o!"],
    ["RLE after blank lines", "\n  \nx = 3, y = 3\nbo$2bo$3o!"],
    ["RLE without a header", "bo$2bo$3o!"],
    ["RLE without a header or an end", "bo$2bo$3o"],
    [".cells", "!Name: Glider\n.O\n..O\nOOO"],
    ["Life 1.05", "#Life 1.05\n#D A glider\n#N\n#P -1 -1\n.*\n..*\n***"],
    ["Life 1.05 without a header", "#P -1 -1\n.*\n..*\n***"],
    ["Life 1.06", "#Life 1.06\n0 -1\n1 0\n-1 1\n0 1\n1 1\n"],
    ["macrocell", "[M2] (golly 3.3)\n#R B3/S23\n.*$..*$***$"],
    ["MCell", "#MCell 4.20\n#GAME Life\n#RULE 23/3\n#BOARD 9x9\n#L .A$2.A$3A"],
    ["bare text", ".O\n..O\nOOO"],
    ["bare text drawn with #", " # \n  #\n###"],
    ["bare text drawn with x", ".x.\n..x\nxxx"]
  ])("%s", (_, text) => {
    assert.strictEqual(rows(text), glider)
    assert.strictEqual(rows(text.replaceAll("\n", "\r\n")), glider)
    assert.strictEqual(rows(text.replaceAll("\n", "\r")), glider)
  })

  it("detection by content recognises formats that it cannot read", () => {
    for (const page of ["<!DOCTYPE html>\n<html>", "\n<html lang='en'>", '<?xml version="1.0"?>'])
      assert.match(problem(page), /found a web page, expected a pattern/)
    // The name of a pattern, words in any script, and numbers: however short.
    for (const text of [
      ...[
        "junk",
        "Error: no such file",
        "hello world\n",
        "oh no",
        "no",
        "Ok.\n",
        "gun",
        "Hi\n\nwe met",
        "да нет",
        "ありがとう"
      ],
      ...["555-1234", "2026-12-03", "1.2.3\n3.2.1"]
    ])
      assert.match(problem(text), /found .*, expected a pattern: RLE, \.cells, or a drawing/)
    // Data of other programs, and the bytes of a picture.
    for (const text of [
      '{\n "name": "glider",\n "size": 3\n}',
      '{"a":1}',
      "\u0089PNG\r\n\u001a\n\0\0\0\rIHDR",
      "#\0N\0"
    ])
      assert.match(problem(text), /found .*, expected a pattern: RLE, \.cells, or a drawing/)
    assert.match(problem("#\0N\0"), /found bytes that are not text/)
    // A drawing may have such cells.
    for (const [drawing, living] of [
      ["<o>", 3],
      ["O.O", 2],
      ["xo.\n.xx", 4],
      [".█.\n..█\n███", 5],
      ["口。口", 3],
      [".1*\n0", 3]
    ] as const)
      assert.strictEqual(Grid.population(read(drawing).grid), living, drawing)
    assert.match(problem("#Life 1.07\n"), /"#Life 1.07", expected #Life 1.05 or #Life 1.06/)
  })

  it("detection by content quotes no control characters of a file, and only a part of it", () => {
    assert.match(problem(`#Life 1.06\n\u001b[31m${"x".repeat(99)}`), /found "\uFFFD\[31mx{35}\.\.\.", expected/)
    assert.match(problem("!\n\u009b"), /found character U\+009B, expected/)
    assert.match(problem("!\n😀"), /found "😀", expected/)
  })

  it("an empty text is an empty pattern", () => {
    for (const text of ["", "\n\n", "!", "x = 0, y = 0\n!", "#Life 1.06\n", "#Life 1.05\n"]) {
      assert.strictEqual(Grid.population(read(text).grid), 0)
    }
  })
})

describe("RLE", () => {
  it.each([
    ["counts and rows", "3o2$bo!", "OOO/.../.O."],
    ["dead cells at the start and the end", "2$2b2o3b$!", "......./......./..OO..."],
    ["dots, A and Niemiec's x, y and z", "x = 6, y = 1\n.A.xyz!", ".O.OOO"],
    ["blanks and new lines between runs", "bo $\n\n\t 2bo$\n3\to!".replace("3\to", "3o"), glider],
    ["comments between data rows", "x = 3, y = 3\nbo$\n#C inside\n2bo$3o!", glider],
    ["text after the end", "bo$2bo$3o! and then $ some 0 text\nOOOOOOO", glider],
    ["a wrong width and height", "x = 1000000000, y = 1\nbo$2bo$3o!", glider],
    ["a header without blanks", "x=3,y=3,rule=B3/S23\nbo$2bo$3o!", glider],
    ["a header in capitals", "X = 3, Y = 3, RULE = B3/S23\nbo$2bo$3o!", glider],
    ["long lines", `x = 300, y = 1\n${"ob".repeat(150)}!`, "O.".repeat(150)]
  ])("RLE takes %s", (_, text, expected) => {
    assert.strictEqual(rows(text), expected)
  })

  it("RLE reads states above 1: letters, and pairs of letters", () => {
    const { grid } = read("x = 6, y = 2, rule = //255\n.AB2XpA$yNbo3pX!")
    assert.deepStrictEqual([...grid.cells], [0, 1, 2, 24, 24, 25, 254, 0, 1, 48, 48, 48])
  })

  it("RLE keeps name, author and comments", () => {
    const pattern = read(
      "#N Glider\n#O Richard K. Guy\n#C The smallest\n#c spaceship.\n#R -1 -1\n#CXRLE Pos=-1,-1 Gen=7\n" +
        "x = 3, y = 3, rule = b36/s23:t30,20,\nbo$2bo$3o!"
    )
    assert.deepInclude(pattern, {
      name: "Glider",
      author: "Richard K. Guy",
      comments: ["The smallest", "spaceship."]
    })
    assert.strictEqual(RuleText.format(pattern.rule!), "B36/S23")
    const topology = Either.getOrThrow(TopologyText.sized(pattern.topology!, 30, 20))
    assert.strictEqual(TopologyText.format(topology), "T30,20")
  })

  it("RLE prefers the rule of the header to that of a comment, and reads #R as a rule if it is not a position", () => {
    assert.strictEqual(ruleOf("x = 1, y = 1, rule = Day & Night\no!"), "B3678/S34678")
    assert.strictEqual(ruleOf("x = 1, y = 1, rule = Life without Death,\no!"), "B3/S012345678")
    assert.strictEqual(ruleOf("x = 1, y = 1, rule = B36/S23 and more\no!"), "B36/S23")
    assert.strictEqual(ruleOf("#r 23/36\nx = 1, y = 1\no!"), "B36/S23")
    assert.strictEqual(ruleOf("#R B2/S\nx = 1, y = 1\no!"), "B2/S")
    assert.strictEqual(ruleOf("#R 3 -4\nx = 1, y = 1\no!"), undefined)
    assert.strictEqual(ruleOf("#r 23/36\nx = 1, y = 1, rule = B3/S23\no!"), "B3/S23")
    assert.strictEqual(ruleOf("x = 1, y = 1, rule = B3/S23\n#r 23/36\no!"), "B3/S23")
    assert.strictEqual(ruleOf("x = 1, y = 1\no!"), undefined)
  })

  it.each([
    ["a leading zero", "x = 3, y = 1\n03o!", /line 2, column 1: found a count that starts with 0/],
    ["a blank after a count", "x = 3, y = 1\n3 o!", /line 2, column 2: found a blank after a count/],
    ["a line end after a count", "x = 3, y = 1\n3\no!", /line 2, column 2: found the end of the line after a count/],
    ["an end after a count", "x = 3, y = 1\n3!", /line 2, column 2: found ! after a count/],
    ["an unknown character", "x = 3, y = 1\nbo?o!", /line 2, column 3: found "\?", expected b \(dead\), o \(alive\)/],
    [
      "more states than the rule has",
      "x = 3, y = 1, rule = B3/S23\nAB!",
      /line 2, column 2: found a cell in state 2, expected states up to 1, which the rule B3\/S23 has/
    ],
    [
      "one state too many",
      "x = 3, y = 1, rule = 345/2/4\n.CD!",
      /column 3: found a cell in state 4, expected states up to 3/
    ],
    ["states that no rule has", "x = 3, y = 1\nyO!", /column 1: found a cell in state 255, expected states up to 254/],
    ["half a state", "x = 3, y = 1\npo!", /column 1: found "p"/],
    ["a header without y", "x = 3\nbo!", /line 1, column 6: found the end of the line, expected the header x = WIDTH/],
    ["a header without a number", "x = , y = 3\nbo!", /line 1, column 5: found ","/],
    [
      "something else in the header",
      "x = 3, y = 3, color = 4\nbo!",
      /line 1, column 15: found "c", expected rule = RULE/
    ],
    [
      "a rule that is none",
      "x = 3, y = 3, rule = WireWorld\nbo!",
      /line 1, column 22: found rule "WireWorld", expected a rule such as/
    ],
    ["an unknown topology", "x = 3, y = 3, rule = B3/S23:X3\nbo!", /found rule "B3\/S23:X3".*no such surface/],
    ["an infinite topology", "x = 3, y = 3, rule = B3/S23:T0,3\nbo!", /infinite/]
  ])("RLE rejects %s", (_, text, expected) => {
    assert.match(problem(text), expected)
  })
})

describe("Life 1.05", () => {
  it("Life 1.05 joins blocks at any place, even if they overlap", () => {
    assert.strictEqual(rows("#Life 1.05\n#P -2 -1\n**.\n#P 1 0\n.*\n#P -2 -1\n..*"), "OOO../....O")
  })

  it("Life 1.05 reads the rule survival first", () => {
    assert.strictEqual(ruleOf("#Life 1.05\n#R 23/36\n#P 0 0\n*"), "B36/S23")
    assert.strictEqual(ruleOf("#Life 1.05\n#N\n#P 0 0\n*"), undefined)
  })

  it.each([
    [
      "an unknown cell",
      "#Life 1.05\n#P 0 0\n.*O",
      /line 3, column 3: found "O", expected \. for a dead cell or \* for a live/
    ],
    [
      "a place that is none",
      "#Life 1.05\n#P 0\n*",
      /line 2, column 3: found "0", expected the place of a block, #P x y/
    ],
    ["a rule that is none", "#Life 1.05\n#R 23x3\n*", /line 2, column 4: found rule "23x3"/],
    ["an unknown line", "#Life 1.05\n#X\n*", /line 2, column 1: found "#X"/]
  ])("Life 1.05 rejects %s", (_, text, expected) => {
    assert.match(problem(text), expected)
  })
})

describe("Life 1.06", () => {
  it("Life 1.06 accepts cells in any order, at any place, and twice", () => {
    assert.strictEqual(rows("#Life 1.06\n1000000 -5\n\n 999998  -6 \n1000000 -5\n+999999 -5"), "O../.OO")
  })

  it.each([
    ["a word", "#Life 1.06\n0 0\n1 x\n", /line 3, column 3: found "x", expected two integers x y/],
    ["a missing number", "#Life 1.06\n12\n", /line 2, column 3: found the end of the line/],
    ["a third number", "#Life 1.06\n1 2 3\n", /line 2, column 5: found "3"/]
  ])("Life 1.06 rejects %s", (_, text, expected) => {
    assert.match(problem(text), expected)
  })
})

describe("limits", () => {
  it.each([
    ["RLE, many cells", "x = 1, y = 1\n999999999999o!"],
    ["RLE, many dead cells", "x = 1, y = 1\n999999999999bo!"],
    ["RLE, many rows", "x = 1, y = 1\no99999999999$o!"],
    ["RLE, a count beyond numbers", `x = 1, y = 1\n${"9".repeat(400)}o!`],
    ["RLE, rows beyond numbers", `x = 1, y = 1\no${"9".repeat(400)}$o!`],
    ["RLE, a large area", "x = 1, y = 1\n65000o60000$65000o!"],
    ["Life 1.06", "#Life 1.06\n0 0\n1000000000 1000000000\n"],
    ["Life 1.06 beyond numbers", `#Life 1.06\n${"9".repeat(400)} 1\n`],
    ["Life 1.05", "#Life 1.05\n#P 0 0\n*\n#P -99999999 0\n*"]
  ])("%s", (_, text) => {
    assert.match(problem(text), /found more cells than fit, expected at most 65536 rows and columns/)
  })

  it("a file too long", () => {
    assert.match(problem("o".repeat(CellRuns.limits.characters + 1)), /8388609 characters, expected at most 8388608/)
  })
})

const text = FastCheck.string({ maxLength: 20 }).map((text) => text.trim())

const patternOf = (states: number): FastCheck.Arbitrary<Pattern.Pattern> =>
  FastCheck.record({
    grid: arbitraries.grid(90, states),
    name: text,
    author: text,
    comments: FastCheck.array(
      text.filter((text) => text !== "" && !/^(Name|Author):|^XRLE/i.test(text)),
      { maxLength: 3 }
    )
  }).map(({ grid, ...about }) => Pattern.make(grid, about))

const pattern = patternOf(2)

/** A pattern with cells in all states of its rule. */
const patternUnder = arbitraries.rule.chain((rule) =>
  FastCheck.record({ rule: FastCheck.constant(rule), pattern: patternOf(rule.states) })
)

describe("writing", () => {
  it.prop("RLE reads back", [patternUnder], ([{ pattern, rule }]) => {
    const { height, width } = pattern.grid
    const written = RleWriter.write({ ...pattern, rule }, { topology: Topology.torus(width, height), generation: 3 })
    const again = read(written)
    assert.deepStrictEqual({ ...again, topology: undefined }, { ...pattern, rule, topology: undefined })
    assert.deepStrictEqual(
      TopologyText.sized(again.topology!, width, height),
      Either.right(Topology.torus(width, height))
    )
    // The header is one line, even with a long rule.
    for (const line of written.split("\n").filter((line) => !/^[#x]/.test(line))) assert.isAtMost(line.length, 70)
  })

  it.prop(".cells read back", [pattern], ([pattern]) => {
    assert.deepStrictEqual(read(writeCells(pattern)), pattern)
  })

  it("RLE with dying cells is written in letters, as Golly does", () => {
    const pattern = read("x = 3, y = 2, rule = 345/2/4\n3A$.CB!")
    assert.strictEqual(RleWriter.write(pattern), "x = 3, y = 2, rule = 345/2/4\n3A$.CB!\n")
  })

  it("RLE of a glider is the well-known one", () => {
    const pattern = read(glider.replaceAll("/", "\n"))
    assert.strictEqual(RleWriter.write(pattern), "x = 3, y = 3, rule = B3/S23\nbo$2bo$3o!\n")
  })
})

describe("fuzzing", () => {
  const fragments = FastCheck.array(
    FastCheck.oneof(
      FastCheck.constantFrom(
        ..."xyz=,:$!#.*obABOpq0123456789 \t\n\r-+",
        ...[
          "x = 3, y = 3",
          "rule = ",
          "B3/S23",
          ":T30,20",
          "\n",
          "#Life 1.05\n",
          "#Life 1.06\n",
          "#P 1 2\n",
          "#R ",
          "#C "
        ],
        ...["99999999999", "!Name: ", "[M2]", "\u0000", "😀", "\uFEFF"]
      ),
      FastCheck.string({ maxLength: 3 })
    ),
    { maxLength: 60 }
  ).map((parts) => parts.join(""))

  it.prop(
    "any text gives a pattern within the limits, or an error of one line",
    [fragments],
    ([text]) => {
      const result = PatternText.read(text, "test")
      if (Either.isRight(result)) {
        const { cells, height, width } = result.right.grid
        assert.strictEqual(cells.length, width * height)
        assert.isAtMost(cells.length, CellRuns.limits.area)
      } else {
        const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)
        assert.match(result.left.message, /^test, line \d+, column \d+: found .*, expected [^\p{C}\p{Zl}\p{Zp}]*$/u)
        assert.isBelow(result.left.line, lines.length + 1)
        assert.isAtMost(result.left.column, lines[result.left.line - 1]!.length + 1)
      }
    },
    { fastCheck: { numRuns: 2000 } }
  )
})
