/** The HTTP test page: a GET form and a POST form, and the values that the server received. */

const replacements: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" }

export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => replacements[character]!)

/** The request that the server received: the method, and the fields in their order, with repeated names. */
export interface Received {
  readonly method: string
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>
}

const placeholder = "<!-- received -->"

const renderReceived = ({ fields, method }: Received): string => {
  const rows = fields.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`)
  const list = rows.length === 0 ? "<p>No fields were received.</p>" : `<dl>${rows.join("")}</dl>`
  return `<section class="card" id="received"><h2>Received by ${escapeHtml(method)}</h2>${list}</section>`
}

/** The page's `template`, with the received values instead of its comment `received`. */
export const renderTestPage = (template: string, received: Received): string =>
  // The replacement is a function, because `$` has a special meaning in a string.
  template.replace(placeholder, () => renderReceived(received))
