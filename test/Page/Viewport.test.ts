import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { bound, MAX_SCALE, pan, toGrid, toScreen, wholeGrid, zoomAt } from "../../static/watch/Model/Viewport.ts"

const real = (min: number, max: number) => FastCheck.double({ min, max, noNaN: true })
const screen = FastCheck.record({ width: real(100, 4000), height: real(100, 3000) })
const grid = FastCheck.record({
  width: FastCheck.integer({ min: 1, max: 1000 }),
  height: FastCheck.integer({ min: 1, max: 1000 })
})
const view = FastCheck.record({
  scale: real(0.1, MAX_SCALE),
  centre: FastCheck.record({ x: real(0, 1000), y: real(0, 1000) })
})
const point = FastCheck.record({ x: real(-500, 4000), y: real(-500, 3000) })

const near = (
  seen: { readonly x: number; readonly y: number },
  expected: { readonly x: number; readonly y: number }
) => {
  assert.closeTo(seen.x, expected.x, 1e-6)
  assert.closeTo(seen.y, expected.y, 1e-6)
}

describe("Viewport", () => {
  it.prop("places on the grid and points of the screen correspond", [view, screen, point], ([view, screen, point]) => {
    near(toScreen(view, screen, toGrid(view, screen, point)), point)
  })

  it.prop("zooming keeps what is under the pointer", [view, screen, point, real(0.1, 10)], (values) => {
    const [view, screen, point, factor] = values
    near(toGrid(zoomAt(view, screen, point, factor), screen, point), toGrid(view, screen, point))
  })

  it.prop("panning moves every place by the same pixels", [view, screen, point, real(-99, 99)], (values) => {
    const [view, screen, place, dx] = values
    const before = toScreen(view, screen, place)
    near(toScreen(pan(view, dx, -dx), screen, place), { x: before.x + dx, y: before.y - dx })
  })

  it.prop("the whole grid is on the screen, in whole pixels a cell if that is possible", [grid, screen], (values) => {
    const [grid, screen] = values
    const view = wholeGrid(grid, screen)
    const corner = toScreen(view, screen, { x: 0, y: 0 })
    const opposite = toScreen(view, screen, { x: grid.width, y: grid.height })
    assert.isAtLeast(Math.min(corner.x, corner.y), -1e-6)
    assert.isAtMost(opposite.x, screen.width + 1e-6)
    assert.isAtMost(opposite.y, screen.height + 1e-6)
    if (view.scale > 1) assert.isTrue(Number.isInteger(view.scale))
  })

  it.prop("a bounded view has its middle on the grid", [view, grid, screen], ([view, grid, screen]) => {
    const { centre, scale } = bound(
      { ...view, centre: { x: view.centre.x * 9 - 400, y: -view.centre.y } },
      grid,
      screen
    )
    assert.isTrue(centre.x >= 0 && centre.x <= grid.width && centre.y >= 0 && centre.y <= grid.height)
    assert.isAtMost(scale, MAX_SCALE)
    assert.isAbove(scale, 0)
  })
})
