/** An endpoint that reminds people of what they said, when they asked for it. */
import { Duration, Effect, Schema } from "effect"
import { Codec, conversation } from "effect-c10k"

export const Ask = Schema.Struct({ text: Schema.NonEmptyString, minutes: Schema.Positive })

export const Told = Schema.Union(Schema.TaggedStruct("Noted", {}), Schema.TaggedStruct("Due", { text: Schema.String }))

export const reminders = conversation("/reminders", { codec: Codec.json({ in: Ask, out: Told }) }, (talk) =>
  talk.forEach(({ minutes, text }) =>
    Effect.gen(function* () {
      // In the scope of the connection: who leaves is reminded of nothing more.
      yield* Effect.forkScoped(Effect.delay(talk.send({ _tag: "Due", text }), Duration.minutes(minutes)))
      yield* talk.send({ _tag: "Noted" })
    })
  )
)
