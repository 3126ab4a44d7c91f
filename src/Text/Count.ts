/** A number for people: `12,345`. Has at most `decimals` decimals, 3 unless given. */
export const format = (n: number, decimals = 3): string =>
  n.toLocaleString("en-US", { maximumFractionDigits: decimals })
