import * as Schema from "effect/Schema"
import { answer, type CheckedProtocol, step } from "../Protocol.ts"

const request = { method: Schema.String, params: Schema.optional(Schema.Unknown) }

const Call = Schema.Struct({
  ...request,
  /** What the result must have. Absent: anything but an error. */
  result: Schema.optional(Schema.Unknown),
  /** What the error must have, if the server must answer with one. */
  error: Schema.optional(Schema.Unknown),
  ...answer
})

/** No error of JSON-RPC follows, which has a code. A result may well have a member `error`, and some servers write `"error": null`. */
const noError = String.raw`(?![^]*"error"\s*:\s*\{[^{}]*"code"\s*:\s*-?\d)`

/** JSON-RPC 2.0. Each call has the number of its message as its id, and is paired with its answer by it. */
export const jsonRpc: CheckedProtocol = {
  replies: { key: "$.id" },
  steps: {
    call: step(
      "Call a method; result or error: what the answer must have",
      Call,
      ({ error, method, params, result, ...own }) => [
        { send: { json: { jsonrpc: "2.0", id: "{{message | number}}", method, params } } },
        { set: { call: "{{message}}" } },
        {
          expect:
            error === undefined && result === undefined
              ? {
                  ...{ ...own, prefix: noError, json: { id: "{{call | number}}" } },
                  capture: { ...own.capture, "call-result": "$.result" }
                }
              : { json: { id: "{{call | number}}", ...(error === undefined ? { result } : { error }) }, ...own }
        }
      ]
    ),
    notify: step("Send a notification, which gets no answer", Schema.Struct(request), (call) => [
      { send: { json: { jsonrpc: "2.0", ...call }, answered: false } }
    ]),
    notification: step(
      "The next message must be this notification",
      Schema.Struct({ ...request, ...answer }),
      ({ method, params, ...own }) => [{ expect: { json: { method, params }, answers: false, ...own } }]
    )
  }
}
