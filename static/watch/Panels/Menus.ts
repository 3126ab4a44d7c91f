/** The menus of the controls: popovers of the browser, placed next to their buttons. */

/** Pixels between a menu and its button, and between a menu and the edge of the window. */
const gap = 6

/** Places a menu above or below its button, where there is more room, and aligns it towards the middle of the window. */
const place = (menu: HTMLElement, button: HTMLElement): void => {
  const { bottom, left, right, top } = button.getBoundingClientRect()
  const height = window.innerHeight
  const isAbove = top > height - bottom
  // The button may be scrolled out of the window.
  const edge = Math.min(Math.max(0, isAbove ? top : bottom), height)
  menu.style.top = isAbove ? "auto" : `${edge + gap}px`
  menu.style.bottom = isAbove ? `${height - edge + gap}px` : "auto"
  menu.style.maxHeight = `${(isAbove ? edge : height - edge) - 2 * gap}px`
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
    // A phone may be turned while a menu is open.
    window.addEventListener("resize", () => {
      if (menu.matches(":popover-open")) place(menu, button)
    })
  }
  // The message after saving appears below the menu, so the menu closes first.
  const save = document.getElementById("save-menu")
  save?.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("button") !== null) save.hidePopover()
  })
}
