/** The menus of the controls: popovers of the browser, put beside the buttons that open them. */

/** Pixels between a menu and its button, and the edge of the window. */
const gap = 6

/** The side with more room: above or below the button; along it, towards the middle of the window. */
const place = (menu: HTMLElement, button: HTMLElement): void => {
  const { bottom, left, right, top } = button.getBoundingClientRect()
  const below = window.innerHeight - bottom
  const isAbove = top > below
  menu.style.top = isAbove ? "auto" : `${bottom + gap}px`
  menu.style.bottom = isAbove ? `${window.innerHeight - top + gap}px` : "auto"
  menu.style.maxHeight = `${Math.max(top, below) - 2 * gap}px`
  const isLeft = left + right < window.innerWidth
  menu.style.left = isLeft ? `${Math.max(gap, left)}px` : "auto"
  menu.style.right = isLeft ? "auto" : `${Math.max(gap, window.innerWidth - right)}px`
}

export const bindMenus = (): void => {
  for (const button of document.querySelectorAll<HTMLElement>("[popovertarget]")) {
    const menu = document.getElementById(button.getAttribute("popovertarget") ?? "")
    if (menu === null) continue
    menu.addEventListener("beforetoggle", (event) => {
      if (event instanceof ToggleEvent && event.newState === "open") place(menu, button)
    })
  }
  // What was saved is told below the menu.
  const save = document.getElementById("save-menu")
  save?.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("button") !== null) save.hidePopover()
  })
}
