import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import * as Expectation from "../../../src/Echo/Scenario/Expectation.ts"
import * as Template from "../../../src/Echo/Scenario/Template.ts"

const variables: Template.Variables = {
  client: 7,
  round: 2,
  message: 3,
  value: (name) => ({ token: 'a"b', "users.name": "Ann", n: "12" })[name],
  random: () => 0.5
}
const json = FastCheck.jsonValue()

describe("Expectation", () => {
  it("Expectation compares text exactly, with templates filled in", () => {
    const expected = Expectation.compile("{{message}}. {{client}}")
    assert.isTrue(expected.matches("3. 7", variables))
    assert.isFalse(expected.matches("3. 8", variables))
    assert.isFalse(expected.matches(Buffer.from("3. 7"), variables))
    assert.strictEqual(expected.describe(variables), '"3. 7"')
  })

  it("Expectation compares braces that are no placeholder", () => {
    assert.isTrue(Expectation.compile("{{'{{'}}x}}").matches("{{x}}", variables))
    assert.isTrue(Expectation.compile({ json: { a: "{{'{{'}}x}}" } }).matches('{"a":"{{x}}"}', variables))
  })

  it("Expectation matches a pattern", () => {
    const expected = Expectation.compile({ pattern: "^ok \\d+$" })
    assert.isTrue(expected.matches("ok 12", variables))
    assert.isFalse(expected.matches("not ok 12", variables))
  })

  it("Expectation fills values into a pattern, where they match themselves only", () => {
    const expected = Expectation.compile({ pattern: "^{{client}}\\. \\d{2}$" })
    assert.isTrue(expected.matches("7. 12", variables))
    assert.isFalse(expected.matches("8. 12", variables))
    assert.include(expected.describe(variables), "/^7\\. ")
  })

  it("Expectation compares bytes", () => {
    const expected = Expectation.compile({ binary: Buffer.from([1, 2, 255]).toString("base64") })
    assert.isTrue(expected.matches(Uint8Array.of(1, 2, 255), variables))
    assert.isFalse(expected.matches(Uint8Array.of(1, 2), variables))
    assert.strictEqual(expected.describe(variables), "3 bytes 0102ff")
  })

  it("Expectation finds JSON in text that has more", () => {
    const expected = Expectation.compile({ json: { type: "ack", of: { id: "{{client}}" } } })
    assert.isTrue(expected.matches('{"at": 1, "of": {"id": "7", "n": []}, "type": "ack"}', variables))
    assert.isFalse(expected.matches('{"type": "ack", "of": {"id": "8"}}', variables))
    assert.isFalse(expected.matches("ack", variables))
  })

  it.prop("Expectation takes any JSON for a part of itself", [json], ([value]) => {
    assert.isTrue(Expectation.isSubset(value, JSON.parse(JSON.stringify(value))))
  })

  it.prop(
    "Expectation takes an object without a member for a part of the one with it, never the other way",
    [FastCheck.dictionary(FastCheck.string(), json), FastCheck.string(), json],
    ([object, key, value]) => {
      const less = Object.fromEntries(Object.entries(object).filter(([name]) => name !== key))
      const more = Object.fromEntries([...Object.entries(less), [key, value]])
      assert.isTrue(Expectation.isSubset(less, more))
      assert.isFalse(Expectation.isSubset(more, less))
    }
  )

  it("Expectation takes JSON as it is written here, and as others write it", () => {
    const { matches } = Expectation.compile({ json: { n: "{{client | number}}", of: ["{{client}}"] } })
    for (const [message, isRight] of [
      ['{"n":7,"of":["7"]}', true],
      ['{ "more": 1, "of": [ "7" ], "n": 7.0 }', true],
      ['{"n":7,"of":["7","8"]}', false],
      ['{"n":"7","of":["7"]}', false],
      ['{"n":7}', false],
      ['{"n":7,"of":{"0":"7"}}', false],
      ["[7]", false],
      ["null", false],
      ["no JSON", false]
    ] as const) {
      assert.strictEqual(matches(message, variables), isRight, message)
      assert.strictEqual(matches(Buffer.from(message), variables), isRight, message)
    }
    assert.isFalse(Expectation.isSubset({ toString: 1 }, {}))
    assert.isTrue(Expectation.isSubset(JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":1}')))
    assert.isFalse(Expectation.isSubset(JSON.parse('{"__proto__":1}'), {}))
  })

  it("Expectation cuts what it shows", () => {
    assert.strictEqual(Expectation.show("a\n"), '"a\\n"')
    assert.match(Expectation.show("x".repeat(1000)), /^"x{120}"… \(1000 characters\)$/)
  })
})

describe("Template", () => {
  it.prop(
    "Template leaves text without placeholders as it is",
    [FastCheck.string().filter((text) => !text.includes("{{"))],
    ([text]) => {
      assert.strictEqual(Template.compile(text)(variables), text)
      assert.isTrue(Template.isConstant(text))
    }
  )

  it("Template fills every placeholder in", () => {
    assert.strictEqual(Template.compile("{{client}}-{{ round }}/{{message}}!")(variables), "7-2/3!")
  })

  it("Template names what it does not know", () => {
    assert.include(Template.problemOf("{{client}} {{us er}}"), '"us er" is not the name of a variable')
    assert.include(Template.problemOf("{{}}"), '"" is not the name of a variable')
    assert.include(Template.problemOf("{{$uid}}"), '"$uid" is not one of $integer(1, 100)')
    assert.include(Template.problemOf("{{$integer(5, 1)}}"), "the smaller one first")
    assert.deepStrictEqual(Template.namesIn("{{client}}{{token}} {{users.name | url}}{{$uuid}}"), [
      "token",
      "users.name"
    ])
    assert.include(Template.problemOf("{{client | nubmer}}"), 'there is no filter "nubmer"')
    assert.isUndefined(Template.problemOf("{{client|number}} {{'{{'}} {{ \"}}\" }}"))
  })

  it("Template writes braces, and numbers without quotes in JSON", () => {
    assert.strictEqual(Template.compile("{{'{{'}}client}} {{ \"}}\" }}")(variables), "{{client}} }}")
    const value = { "n{{client}}": "{{client | number}}", text: 'say "{{round}}"', list: [1, "{{message}}", null] }
    assert.strictEqual(Template.compileJson(value)(variables), '{"n7":7,"text":"say \\"2\\"","list":[1,"3",null]}')
  })

  it("Template puts variables and drawn values where they belong", () => {
    assert.strictEqual(Template.compile("{{token}} {{users.name}} {{$integer(1, 9)}}")(variables), 'a"b Ann 5')
    assert.strictEqual(
      Template.compileJson({ token: "{{token}}", n: "{{n | json}}" })(variables),
      '{"token":"a\\"b","n":12}'
    )
    assert.match(
      Template.compile("{{$uuid}}")(variables),
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
    )
    assert.lengthOf(Template.compile("{{$text(1KiB)}}")(variables), 1024)
    assert.include(["red", "green"], Template.compile("{{$choice(red, green)}}")(variables))
    assert.throws(() => Template.compile("{{nobody}}")(variables), "{{nobody}} has no value yet")
    assert.throws(() => Template.compile("{{token | number}}")(variables), "{{token}} is not a number")
  })

  it.prop("Template writes JSON without placeholders as it is", [json], ([value]) => {
    const text = JSON.stringify(value)
    if (!text.includes("{{")) assert.strictEqual(Template.compileJson(value)(variables), text)
  })
})
