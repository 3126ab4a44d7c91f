/** Writes `text` to the clipboard. Returns whether it was written: browsers refuse this on pages without a secure origin. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}
