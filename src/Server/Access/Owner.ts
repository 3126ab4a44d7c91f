/** The owner of a game: the name of a token or, without tokens, an address (for IPv6 a /64). */
export interface Owner {
  readonly kind: "token" | "address"
  readonly name: string
}

export const isSame = (a: Owner | undefined, b: Owner): boolean => a?.kind === b.kind && a.name === b.name
