/** The colours of the stage around and between the cells, from the style sheet. */

export interface Backdrop {
  readonly outside: string
  readonly line: string
  readonly mark: string
}

export const readBackdrop = (): Backdrop => {
  const style = getComputedStyle(document.documentElement)
  return {
    outside: style.getPropertyValue("--cells-outside"),
    line: style.getPropertyValue("--cells-line"),
    mark: style.getPropertyValue("--cells-mark")
  }
}
