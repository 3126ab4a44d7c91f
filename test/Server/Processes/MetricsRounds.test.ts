import { expect, it } from "@effect/vitest"
import * as MergedExposition from "../../../src/Server/Processes/MetricsRounds.ts"

const first = `# HELP cells Cells
# TYPE cells gauge
cells 16
# TYPE late histogram
late_bucket{le="0.1"} 3
late_bucket{le="+Inf"} 4
late_sum 1.5
late_count 4
`

const second = `# HELP cells Cells
# TYPE cells gauge
cells 9
# TYPE closed counter
closed{code="1001",why="a \\"b\\" {c} d"} 2
`

it("labels each sample by its process, and describes each family once", () => {
  expect(
    MergedExposition.merge(
      new Map([
        ["1", first],
        ["2", second]
      ])
    )
  ).toBe(`# HELP cells Cells
# TYPE cells gauge
cells{process="1"} 16
cells{process="2"} 9
# TYPE closed counter
closed{process="2",code="1001",why="a \\"b\\" {c} d"} 2
# TYPE late histogram
late_bucket{process="1",le="0.1"} 3
late_bucket{process="1",le="+Inf"} 4
late_sum{process="1"} 1.5
late_count{process="1"} 4
`)
})

it("is empty without processes", () => {
  expect(MergedExposition.merge(new Map())).toBe("")
})
