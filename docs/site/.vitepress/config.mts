/** How the documentation site looks. `scripts/site.ts` makes the pages in `pages/` before VitePress reads them. */
import { readFileSync } from "node:fs"
import { defineConfig } from "vitepress"

const page = (text: string, link: string) => ({ text, link })

/** Each entry is its page's title, and the numbers of decisions are in order. */
const decisions = [...readFileSync("pages/decisions/index.md", "utf8").matchAll(/^\| \d+ \| \[(.*?)\]\((.*?)\.md\)/gm)]

/** VitePress takes `{{` for an expression of Vue, but in these documents it begins a variable of a scenario. */
const plain = (html: string): string => html.replaceAll("{{", "&#123;&#123;")

/** As on GitHub, so that an anchor works in both places. */
const anchorOf = (title: string): string =>
  title
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replace(/\s/g, "-")

export default defineConfig({
  title: "effect-c10k",
  description: "A WebSocket server, and a load tester for any WebSocket server, on Effect",
  lang: "en-GB",
  // For a site that is not at the root of its host: SITE_BASE=/effect-c10k/
  base: process.env["SITE_BASE"] ?? "/",
  srcDir: "pages",
  outDir: "dist",
  // `scripts/site.ts` follows all other links of the built pages, and their anchors too.
  ignoreDeadLinks: [/^https?:\/\/localhost/],
  markdown: {
    linkify: false,
    anchor: { slugify: anchorOf },
    languageAlias: { cells: "txt", life: "txt", rle: "txt" },
    config: (md) => {
      // Indented code is commands. Only fenced code has a box that scrolls, and without it a long line makes the page wider.
      md.core.ruler.push("indented_code", ({ tokens }) => {
        for (const token of tokens)
          if (token.type === "code_block") Object.assign(token, { type: "fence", info: "sh", markup: "```" })
      })
      for (const name of ["text", "code_inline"] as const) {
        const rule = md.renderer.rules[name]
        if (rule !== undefined) md.renderer.rules[name] = (...args) => plain(rule(...args))
      }
    }
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [
      page("Tutorials", "/tutorials/first-game"),
      page("Reference", "/reference/options"),
      page("API", "/reference/api/"),
      page("Changes", "/files/CHANGELOG")
    ],
    sidebar: [
      {
        text: "Tutorials",
        items: [
          page("The first game", "/tutorials/first-game"),
          page("Load-test in ten minutes", "/tutorials/load-test"),
          page("A chat in an afternoon", "/tutorials/chat"),
          page("Three nodes with NATS", "/tutorials/three-nodes")
        ]
      },
      {
        text: "How to",
        items: [
          page("Load-test any server", "/echo"),
          page("Come from k6 or Artillery", "/echo-from-k6-and-artillery"),
          page("Write a server", "/api"),
          page("Serve rooms that recover", "/channels"),
          page("Share state between processes", "/log"),
          page("Play a game", "/life"),
          page("Choose patterns and rules", "/patterns"),
          page("Watch a game", "/watching"),
          page("Record and replay", "/recording"),
          page("Run the server", "/operations"),
          page("Deploy the server", "/deployment")
        ]
      },
      {
        text: "Reference",
        items: [
          page("Commands and options", "/reference/options"),
          page("Settings of serve", "/reference/settings"),
          page("Metrics", "/reference/metrics"),
          page("Close codes", "/reference/close-codes"),
          page("Scenario files", "/reference/scenario"),
          page("API", "/reference/api/"),
          page("Protocol 0", "/protocol"),
          page("The watch protocol", "/protocol-watch")
        ]
      },
      {
        text: "Explanation",
        items: [
          page("Architecture", "/architecture"),
          page("Benchmarks", "/benchmarks"),
          page("What is promised", "/files/SECURITY"),
          {
            text: "Decisions",
            link: "/decisions/",
            collapsed: true,
            items: decisions.map(([, text = "", name]) => page(text, `/decisions/${name}`))
          }
        ]
      },
      { text: "Project", items: [page("Contribute", "/files/CONTRIBUTING"), page("Changes", "/files/CHANGELOG")] }
    ]
  }
})
