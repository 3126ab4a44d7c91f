/** Finds what a viewer can't see or reach on a page: text that is cut off, controls outside of the window, a page wider than it. */
import type { Page } from "playwright-core"

/** One line for each finding. */
export const cutOff = (page: Page): Promise<ReadonlyArray<string>> =>
  page.evaluate(() => {
    const found: Array<string> = []
    const root = document.documentElement
    if (root.scrollWidth > innerWidth) found.push(`the page is ${root.scrollWidth} px wide, the window ${innerWidth}`)
    const nameOf = (element: Element) =>
      `<${element.tagName.toLowerCase()}${element.id === "" ? "" : ` id=${element.id}`}> ${(element.textContent ?? "").trim().slice(0, 40)}`
    const scrolls = (element: Element, axis: "overflowX" | "overflowY") =>
      ["auto", "scroll"].includes(getComputedStyle(element)[axis])
    const ancestors = (element: Element): ReadonlyArray<Element> => {
      const all: Array<Element> = []
      for (let one = element.parentElement; one !== null; one = one.parentElement) all.push(one)
      return all
    }
    /** Whether the element is fixed to the window, so that scrolling the page does not bring it into view. */
    const isFixed = (element: Element) =>
      [element, ...ancestors(element)].some(
        (one) => getComputedStyle(one).position === "fixed" || one.matches("dialog:modal, :popover-open")
      )
    const strip = document.querySelector(".notes")
    if (strip !== null && strip.scrollWidth > strip.clientWidth + 1) found.push(`the strip of notes scrolls sideways`)
    if (strip !== null && strip.scrollHeight > strip.clientHeight + 1) found.push(`lines of the strip are below it`)
    const modal = document.querySelector("dialog:modal")
    for (const element of document.body.querySelectorAll<HTMLElement>("*")) {
      // What `content-visibility` leaves out below the window is drawn when it comes into view.
      if (!element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true, contentVisibilityAuto: true }))
        continue
      if (element.closest(".visually-hidden, svg, [aria-hidden=true]") !== null) continue
      if (modal !== null && !modal.contains(element)) continue
      const box = element.getBoundingClientRect()
      // What only screen readers get is a pixel large.
      if (box.width <= 1 || box.height <= 1) continue
      const above = ancestors(element)
      const isTiny = ({ height, width }: DOMRect) => height <= 1 && width <= 1
      if (above.some((one) => isTiny(one.getBoundingClientRect()))) continue
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? "").trim() !== ""
      )
      const style = getComputedStyle(element)
      // What scrolls within itself can be reached only as far as it is in the window.
      if (style.position === "fixed" && (box.top < -1 || box.bottom > innerHeight + 1))
        found.push(`above or below the window: ${nameOf(element)}`)
      const hides = ["hidden", "clip"]
      if (hasText && hides.includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
        found.push(`text is cut off: ${nameOf(element)}`)
      if (hasText && hides.includes(style.overflowY) && element.scrollHeight > element.clientHeight + 1)
        found.push(`lines are cut off: ${nameOf(element)}`)
      if (!hasText && !element.matches("button, input, select, a, summary, canvas")) continue
      // What an ancestor that scrolls cuts off can be reached.
      if (!above.some((one) => scrolls(one, "overflowX")) && (box.left < -1 || box.right > innerWidth + 1))
        found.push(`outside of the window: ${nameOf(element)}`)
      if (isFixed(element) && !above.some((one) => scrolls(one, "overflowY")))
        if (box.top < -1 || box.bottom > innerHeight + 1) found.push(`above or below the window: ${nameOf(element)}`)
      for (const one of above) {
        const { overflowX, overflowY } = getComputedStyle(one)
        const frame = one.getBoundingClientRect()
        if (hides.includes(overflowX) && (box.right > frame.right + 1 || box.left < frame.left - 1)) {
          found.push(`cut off by ${nameOf(one)}: ${nameOf(element)}`)
          break
        }
        if (hides.includes(overflowY) && (box.bottom > frame.bottom + 1 || box.top < frame.top - 1)) {
          found.push(`cut off by ${nameOf(one)}: ${nameOf(element)}`)
          break
        }
      }
    }
    return [...new Set(found)]
  })
