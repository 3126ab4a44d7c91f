/** A number as people read it: `12,345`, with so many decimals at most (3 unless given). */
export const format = (n: number, decimals = 3): string =>
  n.toLocaleString("en-US", { maximumFractionDigits: decimals })
