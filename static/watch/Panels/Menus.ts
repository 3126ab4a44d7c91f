/** The menus of the controls: popovers of the browser, placed next to their buttons. */

/** Pixels between a menu and its button, and between a menu and the edge of the window. */
const GAP = 6

/**
 * Places a menu above or below its button, where there is more room, and aligns it towards the middle of the window. A menu that is
 * higher than this room has the height of the window, and is beside the button if there is room.
 */
const place = (menu: HTMLElement, button: HTMLElement): void => {
  const { bottom, left, right, top } = button.getBoundingClientRect()
  const { innerHeight: height, innerWidth: width } = window
  const isAbove = top > height - bottom
  // The button may be scrolled out of the window.
  const edge = Math.min(Math.max(0, isAbove ? top : bottom), height)
  const room = (isAbove ? edge : height - edge) - 2 * GAP
  const isTall = menu.scrollHeight > room
  const isLeft = left + right < width
  const isBeside = isTall && (isLeft ? width - right : left) > menu.offsetWidth + 2 * GAP
  menu.style.top = isTall ? `${GAP}px` : isAbove ? "auto" : `${edge + GAP}px`
  menu.style.bottom = isAbove && !isTall ? `${height - edge + GAP}px` : "auto"
  menu.style.maxHeight = `${isTall ? height - 2 * GAP : room}px`
  menu.style.left = isLeft ? `${Math.max(GAP, isBeside ? right + GAP : left)}px` : "auto"
  menu.style.right = isLeft ? "auto" : `${Math.max(GAP, width - (isBeside ? left - GAP : right))}px`
}

export const bindMenus = (): void => {
  for (const button of document.querySelectorAll<HTMLElement>("[popovertarget]")) {
    const menu = document.getElementById(button.getAttribute("popovertarget") ?? "")
    if (menu === null) continue
    // It has a size when it is open, and is drawn after this.
    menu.addEventListener("beforetoggle", (event) => {
      if (event instanceof ToggleEvent && event.newState === "open") requestAnimationFrame(() => place(menu, button))
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
