/**
 * The actions of the page. Buttons, keys and the help are made from this one table. Keys work only while the grid has the focus,
 * so that they do not disturb other input (WCAG 2.1.4).
 */
import { element } from "../../Element.ts"

export interface Action {
  readonly name: string
  readonly label: string
  /** Keys as in `KeyboardEvent.key`, with `Shift+` in front of names with several letters. */
  readonly keys: ReadonlyArray<string>
  readonly run: () => void
}

const buttonsFor = (name: string) => document.querySelectorAll<HTMLButtonElement>(`[data-action="${name}"]`)

export const bindButtons = (actions: ReadonlyArray<Action>): void => {
  for (const action of actions)
    for (const button of buttonsFor(action.name)) button.addEventListener("click", () => action.run())
}

/** The key of an event in the notation of the table. */
const keyOf = (event: KeyboardEvent): string =>
  event.shiftKey && event.key.length > 1
    ? `Shift+${event.key}`
    : event.key.length > 1
      ? event.key
      : event.key.toLowerCase()

export const bindKeys = (grid: HTMLElement, actions: ReadonlyArray<Action>): void => {
  const actionOf = new Map<string, Action>()
  for (const action of actions)
    for (const key of action.keys) {
      if (actionOf.has(key)) throw new Error(`two actions have the key ${key}`)
      actionOf.set(key, action)
    }
  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const action = actionOf.get(keyOf(event))
    if (action === undefined) return
    event.preventDefault()
    action.run()
  })
}

/** Shows on the buttons of an action whether it is on. */
export const press = (name: string, isOn: boolean): void => {
  for (const button of buttonsFor(name))
    if (button.getAttribute("aria-pressed") !== String(isOn)) button.setAttribute("aria-pressed", String(isOn))
}

/** Gives the focus to the grid if a part has it that is about to be hidden or disabled. Else the keys would do nothing. */
export const passFocus = (from: Element): void => {
  if (from.contains(document.activeElement)) element("grid", HTMLElement).focus({ preventScroll: true })
}

export const enable = (name: string, isEnabled: boolean): void => {
  for (const button of buttonsFor(name)) {
    if (button.disabled !== isEnabled) continue
    if (!isEnabled) passFocus(button)
    button.disabled = !isEnabled
  }
}

const keyNames: Record<string, string> = {
  " ": "Space",
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  PageUp: "Page Up",
  PageDown: "Page Down",
  Escape: "Esc"
}

const keyName = (key: string): string =>
  key
    .split(/(?<=Shift)\+/)
    .map((part) => keyNames[part] ?? (part.length === 1 ? part.toUpperCase() : part))
    .join(" + ")

/** Fills the body of the help's table. */
export const describeKeys = (body: HTMLTableSectionElement, actions: ReadonlyArray<Action>): void => {
  body.replaceChildren(
    ...actions
      .filter(({ keys }) => keys.length > 0)
      .map(({ keys, label }) => {
        const row = document.createElement("tr")
        const cell = row.insertCell()
        keys.forEach((key, index) => {
          const kbd = document.createElement("kbd")
          kbd.textContent = keyName(key)
          if (index > 0) cell.append(" ")
          cell.append(kbd)
        })
        row.insertCell().textContent = label
        return row
      })
  )
}
