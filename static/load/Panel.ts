/** Shows the current figures, thresholds and failures. */
import type { LoadState } from "../../src/Protocol/LoadView.ts"
import * as Count from "../../src/Text/Count.ts"
import * as Milliseconds from "../../src/Text/Milliseconds.ts"
import { element } from "../Element.ts"

const put = (id: string, text: string): void => {
  element(id, HTMLElement).textContent = text
}

const phases: Readonly<Record<LoadState["phase"], string>> = {
  connecting: "Clients are connecting",
  loading: "Running",
  stopping: "Stopping",
  ended: "Ended"
}

const clock = (milliseconds: number): string => {
  const seconds = Math.floor(milliseconds / 1000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
}

const item = (text: string, kind: string, more = ""): HTMLLIElement => {
  const line = document.createElement("li")
  const what = document.createElement("span")
  what.textContent = text
  what.className = kind
  line.append(what)
  if (more !== "") {
    const code = document.createElement("code")
    code.textContent = more
    line.append(code)
  }
  return line
}

const list = (id: string, items: ReadonlyArray<HTMLLIElement>): void => {
  element(`${id}-part`, HTMLElement).hidden = items.length === 0
  element(id, HTMLUListElement).replaceChildren(...items)
}

/** `lost`: the connection broke, and the page tries again. `gone`: the run had ended, and then the tool. */
export const showPhase = (phase: LoadState["phase"] | "lost" | "gone"): void => {
  const chip = element("phase", HTMLElement)
  const text =
    phase === "lost" ? "No connection, trying again" : phase === "gone" ? "The tool has ended" : phases[phase]
  // Without this check, a screen reader would read the same text again and again.
  if (chip.textContent !== text) chip.textContent = text
  chip.dataset["phase"] = phase
}

export const show = (state: LoadState): void => {
  showPhase(state.phase)
  put("elapsed", clock(state.elapsed))
  for (const name of ["open", "connecting", "waiting", "completed", "failed", "sent", "received"] as const) {
    put(name, Count.format(state[name]))
  }
  element("failed", HTMLElement).className = state.failed > 0 ? "bad" : ""
  list(
    "thresholds",
    state.thresholds.map(({ passed, text, value }) =>
      item(`${passed ? "\u2713" : "\u2717"} ${text} (${value})`, passed ? "good" : "bad")
    )
  )
  list(
    "failures",
    state.failures.map(({ cause, count, example, kind }) =>
      item(`${Count.format(count)} ${cause}: ${kind}`, "bad", example)
    )
  )
}

/** Shows the round trips of the last second; `null` if no reply came. */
export const showRoundTrip = (p50: number | null, p99: number | null): void => {
  put("p50", p50 === null ? "-" : Milliseconds.format(p50))
  put("p99", p99 === null ? "-" : Milliseconds.format(p99))
}
