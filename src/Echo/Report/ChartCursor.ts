/**
 * The cursor of the charts: tells the values at the place under the pointer, or at the one that the arrow keys have reached. The live
 * page calls the function. The report, which needs no other file, contains its text, so it uses nothing from outside and no names
 * for functions within it. The types are the few of the DOM that it needs, because the report is written where there is none.
 */

interface Place {
  readonly closest: (selector: string) => Place | null
  readonly querySelector: (selector: string) => Place | null
  readonly querySelectorAll: (selector: string) => ArrayLike<Place>
  readonly getAttribute: (name: string) => string | null
  readonly classList: { readonly toggle: (name: string, isOn: boolean) => unknown }
  readonly releasePointerCapture: (pointerId: number) => void
  textContent: string | null
}

interface Happening {
  readonly type: string
  readonly key?: string
  readonly pointerId?: number
  readonly pointerType?: string
  readonly target: unknown
  readonly preventDefault: () => void
}

interface Charts {
  readonly addEventListener: (type: string, listener: (event: Happening) => void) => void
}

export const follow = (charts: Charts): void => {
  for (const type of ["pointermove", "pointerdown", "pointerout", "keydown"])
    charts.addEventListener(type, (event) => {
      const target = event.target as Place
      const figure = target.closest("figure")
      const said = figure?.querySelector("output")
      if (figure === null || said === null || said === undefined) return
      const places = Array.from(figure.querySelectorAll("[data-tip]"))
      const before = places.findIndex((place) => place.getAttribute("class") === "is-lit")
      // A browser keeps a finger's events with the place that it touched first.
      if (event.type === "pointerdown") target.releasePointerCapture(event.pointerId ?? 0)
      // A finger that is lifted leaves the values to be read.
      if (event.type === "pointerout" && event.pointerType === "touch") return
      let at = event.type === "pointerout" ? -1 : places.indexOf(target)
      if (event.type === "keydown") {
        if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return
        event.preventDefault()
        at = Math.min(Math.max(before + (event.key === "ArrowLeft" ? -1 : 1), 0), places.length - 1)
      }
      if (at === before) return
      places[before]?.classList.toggle("is-lit", false)
      places[at]?.classList.toggle("is-lit", true)
      said.textContent = places[at]?.getAttribute("data-tip") ?? ""
    })
}

/** A script for a page that has no other file. */
export const script = `(${follow.toString()})(document)`
