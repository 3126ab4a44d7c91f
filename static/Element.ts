/** Finds an element of the page's HTML. A missing element is a defect of the page. */
export const element = <E extends Element>(id: string, type: new () => E): E => {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`The page lacks its ${type.name} "${id}".`)
  return found
}

/** Shows a text in an element. If the element shows it already, this costs nothing. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text
}
