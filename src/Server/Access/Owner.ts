/** To whom a game belongs: who has a token of this name or, where there are no tokens, an address (of IPv6 a /64). */
export interface Owner {
  readonly kind: "token" | "address"
  readonly name: string
}

export const isSame = (a: Owner | undefined, b: Owner): boolean => a?.kind === b.kind && a.name === b.name
