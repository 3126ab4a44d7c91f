import * as Schema from "effect/Schema"
import * as Case from "../Case.ts"
import { answers, ExpectedMessage } from "../Expected.ts"
import { TemplateText, Timeout } from "../Fields.ts"
import { field, type StepParts } from "./StepParts.ts"

interface SwitchOf<S, E> {
  readonly cases: ReadonlyArray<{ readonly expect: string | E; readonly steps: ReadonlyArray<S> }>
  readonly answers?: string | false | undefined
}

export type Switch<S> = SwitchOf<S, ExpectedMessage> & { readonly timeout?: number | undefined }

export type Encoded<S> = SwitchOf<S, typeof ExpectedMessage.Encoded> & {
  readonly timeout?: typeof Timeout.Encoded | undefined
}

export const make = <S, E>(steps: Schema.Schema<ReadonlyArray<S>, ReadonlyArray<E>>) =>
  field<Switch<S>, Encoded<E>>(
    Schema.Struct({
      timeout: Schema.optional(Timeout),
      ...answers,
      cases: Schema.Array(Schema.Struct({ expect: Schema.Union(TemplateText, ExpectedMessage), steps })).pipe(
        Schema.minItems(1)
      )
    }),
    "Continue with the steps of the first case that the next message matches"
  ).field

export const of = <S>({ answers, cases, timeout }: Switch<S>): StepParts<S> => ({
  kind: "switch",
  nested: cases.map(({ expect, steps }, index) => ({
    path: ["switch", "cases", index, "steps"],
    steps,
    sets: Case.setsOf(expect)
  })),
  messages: Case.withoutTexts(cases.map(({ expect }) => expect)),
  answers,
  pauses: true,
  longest: (common) => timeout ?? common,
  compile: (builder, own) => {
    const branches = cases.map(({ expect, steps }) => {
      const compiled = Case.compile(expect)
      return { compiled, steps, enter: (at: number) => (compiled.next = at) }
    })
    const [first, ...others] = branches.map(({ compiled }) => compiled)
    if (first === undefined) return undefined
    const skips = builder.options.ignoresUnmatched
    builder.await(own, { cases: [first, ...others], need: 1, skips, timeout, answers })
    return builder.branches(branches, own.place)
  }
})
