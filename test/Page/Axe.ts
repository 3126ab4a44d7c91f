/** The accessibility checker axe, in a page. */
import { readFile } from "node:fs/promises"
import type { Page } from "playwright-core"

const axeSource = readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8")

interface Violation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>
}

interface RunOptions {
  /** Lists only violations in full, which takes less time. */
  readonly resultTypes: ReadonlyArray<"violations">
  /** These rules only. */
  readonly runOnly?: ReadonlyArray<string>
}

declare const axe: {
  readonly run: (options: RunOptions) => Promise<{ readonly violations: ReadonlyArray<Violation> }>
}

/** The violations that axe finds, one line each, with all rules or with some. */
export const findings = async (page: Page, ...rules: ReadonlyArray<string>): Promise<ReadonlyArray<string>> => {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(await axeSource)
  const options: RunOptions = { resultTypes: ["violations"], ...(rules.length === 0 ? {} : { runOnly: rules }) }
  const { violations } = await page.evaluate((options) => axe.run(options), options)
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ""}`))
}
