/** Writes `text` to the clipboard. Browsers refuse it on pages without a secure origin; gives whether it was written. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
