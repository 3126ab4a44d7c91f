import { assert, describe, it } from "@effect/vitest"
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { parse } from "../../../src/Cli/Serve/TokenOptions.ts"

const read = (text: string) =>
  Either.map(parse(text), (tokens) => tokens.map(({ name, secret }) => [name, Redacted.value(secret)]))

describe("TokenOptions", () => {
  it("TokenOptions reads one secret, which may look like another format", () => {
    assert.deepStrictEqual(read("s3cret\n"), Either.right([["default", "s3cret"]]))
    for (const secret of ["a:b", "#a"]) assert.deepStrictEqual(read(secret), Either.right([["default", secret]]))
  })

  it("TokenOptions reads named secrets, also several with the same name, between comments", () => {
    assert.deepStrictEqual(
      read("# who plays\n\n  ada: one\r\nada: two  \nbob@example.org: a:#b\n"),
      Either.right([
        ["ada", "one"],
        ["ada", "two"],
        ["bob@example.org", "a:#b"]
      ])
    )
    assert.deepStrictEqual(read("ada: one"), Either.right([["ada", "one"]]))
  })

  it("TokenOptions says which line is wrong, without the secret", () => {
    const wrong = /^line 2: expected NAME: SECRET/
    for (const line of [
      "s3cret",
      "ada s3cret",
      "ada:s3cret",
      "ada: s3cret s3cret",
      ": s3cret",
      `${"x".repeat(41)}: s3cret`
    ]) {
      const problem = Either.getLeft(parse(`bob: other\n${line}\n`))
      assert.isTrue(problem._tag === "Some" && wrong.test(problem.value) && !problem.value.includes("s3cret"), line)
    }
    assert.deepStrictEqual(
      read("ada: s3cret\nbob: s3cret"),
      Either.left("line 2: the secret of bob is also in an earlier line; expected a different secret for each name")
    )
    assert.deepStrictEqual(read("# none\n"), Either.left("the file has only comments: expected at least one secret"))
    assert.isTrue(Either.isLeft(read(" \n")))
  })
})
