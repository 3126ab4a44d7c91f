/** Shows a running load test: the charts of its report and the current figures. */
import * as ChartCursor from "../../src/Echo/Report/ChartCursor.ts"
import * as OverTime from "../../src/Echo/Report/OverTime.ts"
import type { LoadNews, LoadRequest } from "../../src/Protocol/LoadView.ts"
import { element } from "../Element.ts"
import { Link } from "../Link.ts"
import * as Panel from "./Panel.ts"
import { Steering } from "./Steering.ts"

/** The most seconds that the charts show: for a long run, the last ten minutes. */
const SHOWN = 600
/** The least and the most pixels of a chart's drawing. A wider page enlarges it. While the page is not laid out it has none. */
const NARROWEST = 240
const WIDEST = 860

let hasEnded = false
const steering = new Steering((request: LoadRequest) => void link.send(JSON.stringify(request)))
const charts = element("charts", HTMLElement)
let moments: ReadonlyArray<OverTime.Moment> = []
let isDue = false
/** Where the pointer is, while it is over the charts. */
let pointer: { readonly x: number; readonly y: number } | undefined

/** The width of one chart's drawing, in pixels: of its column, without the margins of its card. */
const widthOfOne = (): number => {
  const { columnGap, gridTemplateColumns } = getComputedStyle(charts)
  const columns = gridTemplateColumns.split(" ").length
  return (charts.clientWidth - (columns - 1) * Number.parseFloat(columnGap)) / columns - 34
}

/** What the values of a place of a chart are of: a second, or a second and a latency. */
const nameOf = (place: Element): string | undefined => place.getAttribute("data-tip")?.split(": ", 1)[0]

/** Which place has the cursor, so that newer charts have it there too. */
const cursorPlace = () => {
  const place = charts.querySelector(".is-lit")
  return place === null
    ? undefined
    : { chart: [...charts.children].findIndex((chart) => chart.contains(place)), name: nameOf(place) }
}

/** Puts the cursor on a place, as the pointer does. */
const pointAt = (place: Element | null | undefined): void =>
  void place?.dispatchEvent(new PointerEvent("pointermove", { bubbles: true }))

const draw = (): void => {
  isDue = false
  if (moments.length > 0) {
    // The new charts take the place of the old ones: the focus and the cursor stay where they are.
    const focused = [...charts.children].indexOf(document.activeElement ?? charts)
    const cursor = cursorPlace()
    charts.innerHTML = OverTime.render(moments, Math.min(WIDEST, Math.max(NARROWEST, widthOfOne())))
    const chart = charts.children[focused]
    if (chart instanceof HTMLElement) chart.focus({ preventScroll: true })
    // Under the pointer the charts move on. The keys and a finger have chosen a place of them.
    if (pointer !== undefined) pointAt(document.elementFromPoint(pointer.x, pointer.y))
    else if (cursor !== undefined)
      pointAt(
        [...charts.children[cursor.chart]!.querySelectorAll("[data-tip]")].find(
          (place) => nameOf(place) === cursor.name
        )
      )
  }
  const last = moments.at(-1)
  Panel.showRoundTrip(last?.rttP50Ms ?? null, last?.rttP99Ms ?? null)
}

/** Draws soon, but not while the page is hidden. */
const drawSoon = (): void => {
  if (isDue) return
  isDue = true
  requestAnimationFrame(draw)
}

const take = (news: LoadNews<OverTime.Moment>): void => {
  switch (news.type) {
    case "start":
      moments = []
      element("urls", HTMLElement).textContent = news.urls.join(", ")
      element("plan", HTMLElement).textContent = news.plan
      document.title = `Load of ${news.urls[0]}`
      return steering.begin(news)
    case "moments":
      moments = [...moments, ...news.moments].slice(-SHOWN)
      return drawSoon()
    case "state":
      hasEnded = news.phase === "ended"
      Panel.show(news)
      return steering.show(news)
    case "answered":
      return steering.answered()
  }
}

addEventListener("resize", drawSoon)
charts.addEventListener("pointermove", ({ clientX, clientY, isTrusted }) => {
  if (isTrusted) pointer = { x: clientX, y: clientY }
})
charts.addEventListener("pointerleave", () => {
  pointer = undefined
})
ChartCursor.follow(charts)

/** A cut line says nothing about the tool, which goes on. It sends all its figures again. */
const link = new Link({
  url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/load/`,
  onMessage: (data) => take(JSON.parse(String(data))),
  onState: ({ _tag }) => {
    if (_tag !== "Lost") return
    steering.end()
    Panel.showPhase(hasEnded ? "gone" : "lost")
    if (hasEnded) link.stop()
  }
})
link.start()
