import * as Schema from "effect/Schema"
import { timedOut } from "../../Measure/Failure.ts"
import { Timeout } from "../Fields.ts"
import { field, type StepParts } from "./StepParts.ts"

const own = field(
  Schema.Union(Schema.Literal(true), Schema.Struct({ timeout: Timeout })),
  "Send a ping, and wait for its pong"
)
export const ping = own.field

/** No two pings of a process have the same payload, so a pong that comes too late is not taken for the next one. */
let pings = 0

export const of = <S>(value: typeof own.schema.Type): StepParts<S> => {
  const given = value === true ? undefined : value.timeout
  return {
    kind: "ping",
    figures: { times: ["ping"], counts: [] },
    pauses: true,
    longest: (timeout) => given ?? timeout,
    compile: ({ add, options }, { label }) => {
      const timeout = given ?? options.timeout
      return add({
        _tag: "Ping",
        step: label,
        run: (client) => {
          const { link } = client.connection
          if (link === undefined) return client.connection.endByClose()
          const began = client.now()
          const payload = String(++pings)
          client.until(
            {
              _tag: "Ping",
              onPong: (_, found) => {
                if (found !== payload) return
                client.named.record("ping", client.now() - began)
                client.next()
              },
              onDeadline: () => client.end(timedOut(`no pong at step ${label}`, timeout))
            },
            began + timeout
          )
          link.ping(payload)
        }
      })
    }
  }
}
