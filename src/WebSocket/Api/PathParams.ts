/**
 * The parameters of a path, derived from its type: `/chat/:room/` has `room`. A path that is not a literal type may
 * have any.
 */
export type PathParams<Path extends string> = string extends Path
  ? Readonly<Record<string, string | undefined>>
  : {
      readonly [Segment in Segments<Path> as NameOf<Segment>]: Segment extends `${string}?`
        ? string | undefined
        : string
    }

/** The text after each colon, up to the end of its segment: `room`, `page?`, `id(\\d+)`. */
type Segments<Path extends string> = Path extends `${string}:${infer Rest}`
  ? Rest extends `${infer Segment}/${infer More}`
    ? Segment | Segments<`/${More}`>
    : Rest
  : Path extends `${string}*`
    ? "*"
    : never

type NameOf<Segment extends string> = Segment extends `${infer Name}(${string}`
  ? Name
  : Segment extends `${infer Name}?`
    ? Name
    : Segment
