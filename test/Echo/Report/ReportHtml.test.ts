import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Histogram } from "../../../src/Echo/Measure/Histogram.ts"
import { emptyReport, type Report } from "../../../src/Echo/Measure/Report.ts"
import { formatInteger, linearTicks, render } from "../../../src/Echo/Report/Chart.ts"
import * as ReportHtml from "../../../src/Echo/Report/ReportHtml.ts"
import * as Threshold from "../../../src/Echo/Report/Threshold.ts"
import { findings } from "../../Page/Axe.ts"
import { chromium } from "../../Page/Browser.ts"
import { plan } from "../plan.ts"

const roundTrip = new Histogram()
for (let i = 1; i <= 5000; i++) roundTrip.record(i / 100)

const second = (n: number) => ({
  second: n,
  connecting: 1,
  open: 100 * n,
  completed: 0,
  failed: n,
  sent: 50,
  received: 50,
  roundTrip: roundTrip.toData(),
  loopDelay: 1,
  times: {},
  counts: {}
})

const report: Report = {
  ...emptyReport,
  clients: 500,
  started: 500,
  completed: 497,
  failed: 3,
  peak: 500,
  elapsed: 5000,
  connect: roundTrip,
  handshake: roundTrip,
  roundTrip,
  seconds: [1, 2, 3, 4, 5].map(second),
  failures: [
    {
      cause: "wrong reply",
      kind: "at step 2",
      count: 3,
      examples: [{ client: 7, at: 12, detail: 'expected "<b>&", got "<script>document.title = 1</script>"' }]
    }
  ]
}

/** Runs in the page. Returns the texts of charts that their edges cut. */
const labelsOutside = `[...document.querySelectorAll("svg")].flatMap((svg) => {
  const frame = svg.getBoundingClientRect()
  return [...svg.querySelectorAll("text")].filter((text) => {
    const box = text.getBoundingClientRect()
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1
  }).map((text) => text.textContent)
})`

/** Runs in the page. Returns whether the last row of figures ends before the others. */
const hasHole = `(() => {
  const numbers = document.querySelector(".numbers")
  const end = (element) => element.getBoundingClientRect().right
  return end(numbers) - end(numbers.lastElementChild) > 2
})()`

const shown = (html: string, scheme: "light" | "dark" = "light") =>
  Effect.gen(function* () {
    const open = yield* chromium
    const problems: Array<string> = []
    const page = yield* Effect.promise(async () => {
      const page = await open.newPage({ viewport: { width: 900, height: 900 }, colorScheme: scheme })
      page.on("console", (message) => problems.push(message.text()))
      page.on("pageerror", (error) => problems.push(error.message))
      page.on("request", (request) => problems.push(request.url()))
      await page.setContent(html)
      return page
    })
    return { page, problems }
  })

const about: ReportHtml.About = {
  tool: { name: "effect-c10k", version: "9.8.7" },
  machine: { node: "v22.1.0", platform: "linux x64", processors: 16 },
  command: `effect-c10k echo --threshold 'a<b' ${"--header 'a: b' ".repeat(20)}`,
  conversation: "steps:\n  - send: <hello>\n",
  startedAt: new Date("2030-01-02T03:04:05Z"),
  endedAt: new Date("2030-01-02T03:05:05Z")
}

describe("the page of a report", () => {
  it("the ticks of a chart have no digits that come from rounding", () => {
    assert.deepStrictEqual(linearTicks(1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1])
  })

  it("a chart shows a value without neighbours as a dot: no line goes to it", () => {
    const dots = (...values: ReadonlyArray<number | null>) => {
      const series = [{ name: "max", colour: "red", values }]
      const x = values.map((_, second) => second)
      return (
        render({ title: "Times", format: formatInteger, x, formatX: String, series }, 860).split("<circle").length - 1
      )
    }
    assert.strictEqual(dots(7, null, 5, null, 3, 4, null, 9), 3)
    assert.strictEqual(dots(1, 2, null, 3, 4), 0)
    assert.strictEqual(dots(6), 1)
  })

  it("the page of a report has the date, the command, the version, the machine and the steps of the run", () => {
    const page = ReportHtml.render(plan(0), report, [], [], undefined, about)
    for (const part of [
      "2030-01-02T03:04:05.000Z",
      "2030-01-02T03:05:05.000Z",
      "effect-c10k 9.8.7",
      "linux x64, 16 processors, Node v22.1.0"
    ])
      assert.include(page, part)
    assert.include(page, "effect-c10k echo --threshold 'a&lt;b'")
    assert.include(page, "<pre>steps:\n  - send: &lt;hello&gt;\n</pre>")
  })

  it("the page of a report says what to know before the figures in sentences", () => {
    const slow = new Histogram()
    for (let i = 0; i < 5000; i++) slow.record(200)
    const lostProcesses = ["process 2 died (SIGKILL): its latencies are lost"]
    const page = ReportHtml.render(plan(1000), { ...report, interrupted: true, loopDelay: slow, lostProcesses }, [])
    const notes = [...page.matchAll(/<p class="note">(.*?)<\/p>/g)].map(([, text]) => text!)
    assert.strictEqual(notes.length, 3)
    assert.match(notes[1]!, /^The tool itself was slow/)
    for (const text of notes) assert.match(text, /^[A-Z].*\w\.$/)
  })

  it.scopedLive(
    "the page of a report shows its figures and charts, needs no network, and escapes text from servers",
    () =>
      Effect.gen(function* () {
        const verdict = Threshold.judge(Either.getOrThrow(Threshold.parse("failed==0")), report)
        const { page, problems } = yield* shown(ReportHtml.render(plan(1000), report, [verdict]))
        const [text, titles, lines, title] = yield* Effect.promise(() =>
          Promise.all([
            page.evaluate<string>("document.body.innerText"),
            page.locator("figcaption b:visible").allInnerTexts(),
            page.locator(".broad svg path").count(),
            page.title()
          ])
        )
        assert.deepStrictEqual(titles, [
          "Latency by percentile",
          "Connections",
          "Messages per second",
          "Round trip",
          "Round trips over time",
          "Failures, in all"
        ])
        assert.strictEqual(lines, 3 + 2 + 2 + 3 + 1)
        for (const words of [
          "497",
          "wrong reply: at step 2",
          "<script>",
          "1 of 1 threshold failed",
          "✗ failed",
          "25.0 ms"
        ]) {
          assert.include(text.replaceAll(/[ \u00a0]+/g, " "), words.replaceAll(/ +/g, " "))
        }
        assert.strictEqual(title, "Load of ws://localhost/test/ws/")
        assert.deepStrictEqual(problems, [])
      })
  )

  it.scopedLive("the page of a report shows every round trip in the heat map, at its time and latency", () =>
    Effect.gen(function* () {
      const { page } = yield* shown(ReportHtml.render(plan(1000), report, []))
      const cells = yield* Effect.promise(() =>
        page
          .locator(".broad .heat rect")
          .evaluateAll((rects) => rects.map((rect) => rect.getAttribute("data-tip") ?? ""))
      )
      const total = cells.reduce((sum, cell) => sum + Number(cell.split(": ")[1]!.replaceAll(",", "")), 0)
      assert.strictEqual(total, 5 * 5000)
      assert.include(cells, "4-5 s, 0.01 ms-0.01 ms: 1")
      // 10 to 12.6 ms: 259 of the 5000 that are evenly spread up to 50 ms.
      assert.isTrue(cells.some((cell) => /^0-1 s, 10\.0 ms-12\.6 ms: 2[56]\d$/.test(cell)))
    })
  )

  it.scopedLive(
    "the page of a report keeps every label of its charts inside of them, and nothing wider than a phone's page",
    () =>
      Effect.gen(function* () {
        const html = ReportHtml.render(plan(1000), report, [], [], undefined, about)
        const { page } = yield* shown(html, "dark")
        // On paper a long command is whole, and dark on white.
        yield* Effect.promise(async () => {
          await page.emulateMedia({ media: "print" })
          assert.isAtMost(await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth"), 0)
          assert.strictEqual(await page.evaluate<string>("getComputedStyle(document.body).color"), "rgb(26, 33, 48)")
          // What the browser itself draws there is for a light page too.
          assert.strictEqual(await page.evaluate("getComputedStyle(document.documentElement).colorScheme"), "light")
          await page.emulateMedia({ media: "screen" })
        })
        const outside = yield* Effect.promise(() => page.evaluate<ReadonlyArray<string>>(labelsOutside))
        assert.deepStrictEqual(outside, [])
        const overflow = yield* Effect.promise(async () => {
          await page.setViewportSize({ width: 380, height: 800 })
          return page.evaluate<number>("document.documentElement.scrollWidth - innerWidth")
        })
        assert.isAtMost(overflow, 0)
        // The percentiles that one looks for first are seen there without scrolling.
        const p99 = page.locator("th", { hasText: /^p99$/ })
        const right = yield* Effect.promise(() => p99.evaluate((cell) => cell.getBoundingClientRect().right))
        assert.isAtMost(right, 380)
        // On a phone the charts are drawn for its width, so they do not scroll and their text is not scaled down.
        assert.deepStrictEqual(yield* Effect.promise(() => page.evaluate<ReadonlyArray<string>>(labelsOutside)), [])
        const charts = yield* Effect.promise(() =>
          page.locator("figure:visible").evaluateAll((all) =>
            all.map((figure) => ({
              scrolls: figure.scrollWidth > figure.clientWidth,
              text: Math.min(...[...figure.querySelectorAll("text")].map((text) => text.getBoundingClientRect().height))
            }))
          )
        )
        assert.strictEqual(charts.length, 6)
        assert.isTrue(
          charts.every(({ scrolls, text }) => !scrolls && text >= 11),
          JSON.stringify(charts)
        )
        // Landmarks, headings and headers of tables, as axe checks them.
        assert.deepStrictEqual(yield* Effect.promise(() => findings(page)), [])
        // Each place of a chart tells its values to the pointer, and to the arrow keys.
        yield* Effect.promise(async () => {
          const chart = page.locator(".slim figure", { hasText: "Connections" })
          const said = () => chart.locator("output").textContent()
          await chart.locator(".bands rect").nth(2).hover()
          assert.strictEqual(await said(), "3 s: open 300, connecting 1")
          await chart.focus()
          await page.keyboard.press("ArrowLeft")
          assert.match((await said()) ?? "", /^2 s: open/)
          assert.strictEqual(await chart.locator(".is-lit").count(), 1)
        })
      })
  )

  it.scopedLive("the page of a report tells the values under a finger, which moves sideways and is lifted", () =>
    Effect.gen(function* () {
      const browser = yield* chromium
      yield* Effect.promise(async () => {
        const page = await browser.newPage({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
        await page.setContent(ReportHtml.render(plan(1000), report, []))
        const chart = page.locator(".slim figure", { hasText: "Connections" })
        await chart.scrollIntoViewIfNeeded()
        const centre = async (place: number) => {
          const { height, width, x, y } = (await chart.locator(".bands rect").nth(place).boundingBox())!
          return { x: x + width / 2, y: y + height / 2 }
        }
        const finger = await page.context().newCDPSession(page)
        await finger.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [await centre(1)] })
        await page.locator(".slim .is-lit").waitFor()
        assert.match((await chart.locator("output").textContent()) ?? "", /^2 s: open 200/)
        for (const place of [2, 3])
          await finger.send("Input.dispatchTouchEvent", { type: "touchMove", touchPoints: [await centre(place)] })
        await finger.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] })
        await page.evaluate("new Promise(requestAnimationFrame)")
        assert.match((await chart.locator("output").textContent()) ?? "", /^4 s: open 400/)
      })
    })
  )

  it.scopedLive(
    "the page of a report has its figures in rows without holes, in every width, with round trips and without",
    () =>
      Effect.gen(function* () {
        const browser = yield* chromium
        yield* Effect.promise(async () => {
          const page = await browser.newPage()
          for (const each of [report, { ...report, roundTrip: new Histogram() }]) {
            await page.setContent(ReportHtml.render(plan(0), each, []))
            for (const width of [320, 390, 600, 844, 1280, 1920]) {
              await page.setViewportSize({ width, height: 800 })
              assert.isFalse(await page.evaluate(hasHole), `${width} pixels`)
            }
          }
        })
      })
  )
})
