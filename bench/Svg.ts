import { dark, light } from "./Palette.ts"

/** Escapes text for an element or a quoted attribute. */
export const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;")

/** One element. Numbers are rounded to a hundredth of a pixel. The content is not escaped. */
export const element = (name: string, attributes: Readonly<Record<string, string | number>>, content = ""): string => {
  const text = Object.entries(attributes)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? Math.round(value * 100) / 100 : escapeXml(value)}"`)
    .join("")
  return content === "" ? `<${name}${text}/>` : `<${name}${text}>${content}</${name}>`
}

export const text = (x: number, y: number, className: string, content: string): string =>
  element("text", { x, y, class: className }, escapeXml(content))

const colours = (of: ReadonlyArray<string>) =>
  of.map((colour, index) => `.c${index}{fill:${colour};stroke:${colour}}`).join("")

const style =
  "text{font:13px system-ui,sans-serif;fill:#222;stroke:none}.title{font-weight:600}.end{text-anchor:end}" +
  ".middle{text-anchor:middle}.muted{fill:#666}.axis{stroke:#999;stroke-width:1}.grid{stroke:#ddd;stroke-width:1}" +
  ".line{fill:none;stroke-width:2}.whisker{stroke-width:1;opacity:.6}.back{fill:#fff}" +
  colours(light) +
  "@media(prefers-color-scheme:dark){text{fill:#e6e6e6}.muted{fill:#aaa}.grid{stroke:#333}.back{fill:#0d1117}" +
  `${colours(dark)}}`

/** A whole drawing, which follows the reader's light or dark mode. Screen readers read `description`. */
export const svg = (width: number, height: number, description: string, content: ReadonlyArray<string>): string =>
  `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: "img",
      "aria-label": description
    },
    `\n<style>${style}</style>\n${element("rect", { class: "back", width, height })}\n${content.join("\n")}\n`
  )}\n`
