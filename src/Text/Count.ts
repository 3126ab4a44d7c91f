/** A number as people read it: `12,345`. */
export const format = (n: number): string => n.toLocaleString("en-US")
