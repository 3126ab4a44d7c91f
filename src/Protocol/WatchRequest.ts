/** The requests of a watcher to the server: short text messages. */

/**
 * - `pause`: send nothing until `resume` (the page is hidden);
 * - `resume`: send the newest state, then go on;
 * - `pace <milliseconds>`: send news at most this often;
 * - `whole`: send whole generations only, the newest that all cells have reached;
 * - `newest`: send the newest of every cell, as it is from the start;
 * - `gaps`: from now on, list cells by the gaps between their numbers, which is half as long;
 * - `figures`: send no cells, until `newest` or `whole` asks for them again (the page shows cells from before).
 */
export type WatchRequest =
  | { readonly _tag: "Pause" }
  | { readonly _tag: "Resume" }
  | { readonly _tag: "Pace"; readonly interval: number }
  | { readonly _tag: "Whole" }
  | { readonly _tag: "Newest" }
  | { readonly _tag: "Figures" }
  | { readonly _tag: "Gaps" }

/** The pauses between messages, in milliseconds, that the server keeps; a request is rounded up to one of them. */
export const intervals = [0, 50, 100, 200, 500, 1000, 2000, 5000] as const

export const formatRequest = (request: WatchRequest): string => {
  switch (request._tag) {
    case "Pause":
      return "pause"
    case "Resume":
      return "resume"
    case "Pace":
      return `pace ${request.interval}`
    case "Whole":
      return "whole"
    case "Newest":
      return "newest"
    case "Figures":
      return "figures"
    case "Gaps":
      return "gaps"
  }
}

/** Undefined when the text is no request. */
export const parseRequest = (text: string): WatchRequest | undefined => {
  if (text === "pause") return { _tag: "Pause" }
  if (text === "resume") return { _tag: "Resume" }
  if (text === "whole") return { _tag: "Whole" }
  if (text === "newest") return { _tag: "Newest" }
  if (text === "figures") return { _tag: "Figures" }
  if (text === "gaps") return { _tag: "Gaps" }
  const pace = /^pace (\d{1,6})$/.exec(text)
  if (pace === null) return undefined
  const asked = Number(pace[1])
  return { _tag: "Pace", interval: intervals.find((interval) => interval >= asked) ?? intervals.at(-1)! }
}
