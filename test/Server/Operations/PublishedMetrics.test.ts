import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { counter, gauge } from "../../../src/Server/Operations/MetricFamily.ts"
import { PublishedMetrics } from "../../../src/Server/Operations/PublishedMetrics.ts"

describe("PublishedMetrics", () => {
  let run = 0
  it.prop(
    "metrics are the sums of the last published numbers, and a publisher that ends takes its gauges back",
    [
      FastCheck.array(
        FastCheck.record({
          who: FastCheck.nat(2),
          has: FastCheck.integer(),
          did: FastCheck.nat(1000),
          ends: FastCheck.boolean()
        })
      )
    ],
    ([events]) => {
      run++
      const having = gauge(`having_${run}`, "What there is")
      const doing = counter(`doing_${run}`, "What happened")
      const publishers = [0, 0, 0].map(() => ({ published: new PublishedMetrics(), has: 0, did: 0 }))
      let done = 0
      for (const { did, ends, has, who } of events) {
        const publisher = publishers[who]!
        if (ends) {
          publisher.published.unsafeRetract()
          publisher.has = publisher.did = 0
        } else {
          publisher.has = has
          publisher.did += did
          done += did
          publisher.published.unsafePublish([
            [having, publisher.has],
            [doing, publisher.did]
          ])
        }
        assert.strictEqual(
          having.unsafeValue([]).value,
          publishers.reduce((sum, { has }) => sum + has, 0)
        )
        assert.strictEqual(doing.unsafeValue([]).count, done)
      }
    }
  )
})
