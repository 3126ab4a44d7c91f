import * as Schema from "effect/Schema"
import { exactlyOne, FigureName, oneOf } from "./Fields.ts"
import * as Close from "./Steps/Close.ts"
import * as Expect from "./Steps/Expect.ts"
import * as Http from "./Steps/Http.ts"
import * as If from "./Steps/If.ts"
import * as K6 from "./Steps/K6.ts"
import * as Ping from "./Steps/Ping.ts"
import * as Reconnect from "./Steps/Reconnect.ts"
import * as Repeat from "./Steps/Repeat.ts"
import * as Script from "./Steps/Script.ts"
import * as Send from "./Steps/Send.ts"
import * as SetStep from "./Steps/Set.ts"
import type { StepParts } from "./Steps/StepParts.ts"
import * as Stream from "./Steps/Stream.ts"
import * as Switch from "./Steps/Switch.ts"
import * as Until from "./Steps/Until.ts"
import * as Wait from "./Steps/Wait.ts"

/** The kinds of steps whose values contain no steps, by the name of their field. */
const plain = {
  wait: Wait.wait,
  send: Send.send,
  expect: Expect.expect,
  until: Until.until,
  close: Close.close,
  set: SetStep.set,
  reconnect: Reconnect.reconnect,
  http: Http.http,
  ping: Ping.ping,
  script: Script.script,
  stream: Stream.stream,
  k6: K6.k6
}

type Plain = Required<Schema.Struct.Type<typeof plain>>
type PlainEncoded = Required<Schema.Struct.Encoded<typeof plain>>

interface Values extends Plain {
  readonly switch: Switch.Switch<Step>
  readonly if: If.If<Step>
  readonly repeat: Repeat.Repeat<Step>
}

interface ValuesEncoded extends PlainEncoded {
  readonly switch: Switch.Encoded<StepEncoded>
  readonly if: If.Encoded<StepEncoded>
  readonly repeat: Repeat.Repeat<StepEncoded>
}

/**
 * The place in the file of a step that a protocol has moved or made: the number of the step that the user wrote, and what failures
 * call it. Not for files.
 */
const Place = Schema.Struct({ number: Schema.Int, name: Schema.optional(Schema.String) })
export type Place = typeof Place.Type

export const PLACE = "place"

/** An object with exactly one of these members, and perhaps a name. */
type OneOf<Kinds> = {
  readonly [Kind in keyof Kinds]: { readonly [Own in Kind]: NonNullable<Kinds[Own]> } & {
    readonly [Other in Exclude<keyof Kinds, Kind>]?: undefined
  } & {
    /** The name of the step's own figures (`step.NAME`). This is no kind of step. */
    readonly name?: string | undefined
    readonly place?: Place | undefined
  }
}[keyof Kinds]

export type Step = OneOf<Values>

/** A step as it is written in a file: one of these fields, and perhaps a name. @public */
export type StepEncoded = { readonly [Kind in keyof ValuesEncoded]?: ValuesEncoded[Kind] | undefined } & {
  readonly name?: string | undefined
  readonly place?: Place | undefined
}

const Steps = Schema.Array(Schema.suspend((): Schema.Schema<Step, StepEncoded> => Step)).pipe(Schema.minItems(1))

const fields = {
  ...plain,
  switch: Switch.make(Steps),
  if: If.make(Steps),
  repeat: Repeat.make(Steps)
}

const kinds = Object.keys(fields)

export const fieldNames: ReadonlyArray<string> = [...kinds, "name"]

const isStep = (step: object): step is Step => exactlyOne(kinds)(step) === undefined

export const Step: Schema.Schema<Step, StepEncoded> = Schema.Struct({
  ...fields,
  name: Schema.optional(FigureName).annotations({ description: "Record this step's own figures as step.NAME" }),
  [PLACE]: Schema.optional(Place)
})
  .pipe(oneOf(kinds), Schema.filter(isStep))
  .annotations({ identifier: "Step" })

/** What is known of a step before the run. */
export const partsOf = (step: Step): StepParts<Step> => {
  if (step.wait !== undefined) return Wait.of(step.wait)
  if (step.send !== undefined) return Send.of(step.send)
  if (step.expect !== undefined) return Expect.of(step.expect)
  if (step.until !== undefined) return Until.of(step.until)
  if (step.close !== undefined) return Close.of(step.close)
  if (step.set !== undefined) return SetStep.of(step.set)
  if (step.reconnect !== undefined) return Reconnect.of(step.reconnect)
  if (step.http !== undefined) return Http.of(step.http)
  if (step.ping !== undefined) return Ping.of(step.ping)
  if (step.script !== undefined) return Script.of(step.script)
  if (step.stream !== undefined) return Stream.of(step.stream)
  if (step.k6 !== undefined) return K6.of(step.k6)
  if (step.switch !== undefined) return Switch.of(step.switch)
  if (step.if !== undefined) return If.of(step.if)
  return Repeat.of(step.repeat)
}
