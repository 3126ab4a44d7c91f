/** The accessibility checker axe, in a page. */
import { readFile } from "node:fs/promises"
import type { Page } from "playwright-core"

const axeSource = readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8")

interface Violation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>
}

declare const axe: { readonly run: () => Promise<{ readonly violations: ReadonlyArray<Violation> }> }

/** What axe finds, a line each. */
export const findings = async (page: Page): Promise<ReadonlyArray<string>> => {
  await page.evaluate(await axeSource)
  const { violations } = await page.evaluate(() => axe.run())
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`))
}
