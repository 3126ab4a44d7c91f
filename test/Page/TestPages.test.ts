import { assert, describe, it } from "@effect/vitest"
import * as FastCheck from "effect/FastCheck"
import { escapeHtml, renderTestPage } from "../../src/Server/Pages/TestPage.ts"
import { type PageOf, renderWatchPage } from "../../src/Server/Pages/WatchPage.ts"
import { harness } from "./Harness.ts"

const test = harness()

describe("The test pages", () => {
  it("The test pages hold the conversation of the test endpoint by hand, also twice", async () => {
    const page = await test.visit("test/")
    const log = page.locator("#log p")
    await log.nth(1).waitFor()
    assert.deepStrictEqual(await log.allTextContents(), ["Connection open.", "Hello!"])
    for (const text of ["Spam?", "Eggs!", "<b>Python.</b>"]) {
      await page.locator("#text").fill(text)
      await page.locator("#send").click()
    }
    await page.getByText("Connection closed.").waitFor()
    assert.deepStrictEqual(await log.allTextContents(), [
      "Connection open.",
      "Hello!",
      "1. Spam?",
      "2. Eggs!",
      "3. <b>Python.</b>",
      "Goodbye!",
      "Connection closed."
    ])
    assert.isTrue(await page.locator("#send").isDisabled())
    await page.locator("#open").click()
    await log.nth(8).waitFor()
    assert.strictEqual(await log.nth(8).textContent(), "Hello!")
  })

  it("The test pages send forms and show what was received", async () => {
    const page = await test.visit("test/http/")
    assert.strictEqual(await page.locator("#received").count(), 1)
    await page.locator("form[method=get] input[name=name]").fill("<i>Robin</i> & co")
    await page.getByRole("button", { name: "Send by GET" }).click()
    await page.getByText("Received by GET").waitFor()
    assert.deepStrictEqual(await page.locator("#received dd").allTextContents(), ["<i>Robin</i> & co", "the Grail"])
  })
})

const meanings: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" }

describe("TestPage", () => {
  it.prop("escaped text has no markup and the same meaning", [FastCheck.string()], ([text]) => {
    const escaped = escapeHtml(text)
    assert.notMatch(escaped, /[<>"']/)
    assert.strictEqual(
      escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => meanings[entity]!),
      text
    )
  })

  it("TestPage shows every field, whatever its text", () => {
    const fields = new URLSearchParams([
      ["a", "$&"],
      ["a", "<script>"]
    ])
    const page = renderTestPage("<main><!-- received --></main>", "POST", fields)
    assert.include(page, "<dt>a</dt><dd>$&amp;</dd><dt>a</dt><dd>&lt;script&gt;</dd>")
  })
})

describe("WatchPage", () => {
  it("WatchPage carries the size of the grid in its title", () => {
    const html = "<title>Game of Life</title>"
    assert.strictEqual(renderWatchPage(html, { width: 0, height: 0 }), html)
    assert.strictEqual(renderWatchPage(html, { width: 32, height: 16 }), "<title>Game of Life 32x16</title>")
    const named = renderWatchPage(html, { width: 32, height: 16, name: "two" })
    assert.strictEqual(named, "<title>two: Game of Life 32x16</title>")
  })

  it("WatchPage says how many clients there are and whether they run, before any script has run", () => {
    const html = '<title>x</title><h1 id="headline">WebSocket clients</h1><p id="phase" class="chip">Connecting</p>'
    const textOf = (page: PageOf) => renderWatchPage(html, page).replace(/<title>.*<\/title>|<[^>]*>/g, "|")
    const grid = { width: 64, height: 32 }
    assert.strictEqual(textOf({ ...grid, clients: "running" }), "||2,048 WebSocket clients in lockstep||Running|")
    assert.strictEqual(textOf({ ...grid, clients: "coming" }), "||2,048 WebSocket clients connecting||Connecting|")
    const ended = "||WebSocket clients||Connecting|"
    assert.strictEqual(textOf(grid), ended)
    assert.strictEqual(textOf({ ...grid, clients: "running", offers: ["replay"] }), ended)
  })

  it("WatchPage says what the server offers to it", () => {
    const html = '<body class="watch">'
    const offers = ["control", "history"] as const
    const page = renderWatchPage(html, { width: 0, height: 0, offers })
    assert.strictEqual(page, '<body class="watch" data-offers="control history">')
  })
})
