/** An endpoint that sends a client its own text again, after the time that the client asked for. */
import { Duration, Effect, Schema } from "effect"
import { Codec, conversation } from "effect-c10k"

export const Ask = Schema.Struct({ text: Schema.NonEmptyString, minutes: Schema.Positive })

export const Reply = Schema.Union(Schema.TaggedStruct("Noted", {}), Schema.TaggedStruct("Due", { text: Schema.String }))

export const reminders = conversation("/reminders", { codec: Codec.json({ in: Ask, out: Reply }) }, (talk) =>
  talk.forEach(({ minutes, text }) =>
    Effect.gen(function* () {
      // The fiber is in the scope of the connection: when a client leaves, its reminders end.
      yield* Effect.forkScoped(Effect.delay(talk.send({ _tag: "Due", text }), Duration.minutes(minutes)))
      yield* talk.send({ _tag: "Noted" })
    })
  )
)
