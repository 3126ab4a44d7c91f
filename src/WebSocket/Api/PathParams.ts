/**
 * The parameters of a path, derived from its type: `/chat/:room/` has `room`, `/map/:lat-:lng` has `lat` and `lng`. A path
 * that is not a literal type may have any.
 */
export type PathParams<Path extends string> = string extends Path
  ? Readonly<Record<string, string | undefined>>
  : {
      readonly [Name in Names<Path> as Name extends `${infer Required}?` ? Required : Name]: Name extends `${string}?`
        ? string | undefined
        : string
    }

/** The names after the colons, with their question mark if they are optional. */
type Names<Path extends string> = Path extends `${string}:${infer Rest}`
  ? NameOf<Rest> | Names<After<Rest>>
  : Path extends `${string}*`
    ? "*"
    : never

/** A name ends with its segment, or before `-`, `.` or the expression that it must match. */
type NameOf<Rest extends string> = Before<Before<Before<Before<Rest, "/">, "-">, ".">, "(">

type Before<Text extends string, Mark extends string> = Text extends `${infer Head}${Mark}${string}` ? Head : Text

/** What may have more names. An expression, which may have colons, is left out with the rest of its segment. */
type After<Rest extends string> = Rest extends `${infer Segment}/${infer More}`
  ? Segment extends `${string}(${string}`
    ? `/${More}`
    : Rest
  : Rest extends `${string}(${string}`
    ? ""
    : Rest
