/**
 * Prepared answers for the watch page, which are sent without Effect, so apart from `Pages`. Most requests are for this page,
 * and an HTTP app costs several times as much as Node itself. Requests that need more than the plain page are left to the app.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import * as ContentEncoding from "./ContentEncoding.ts"
import type { PageOrigin } from "./PageOrigin.ts"
import { headersOf, type StaticFile } from "./StaticFiles.ts"
import type { WatchPage } from "./WatchPage.ts"

interface Answer {
  /** Names and values in turn, as Node expects them. */
  readonly headers: ReadonlyArray<string>
  /** A string with one byte in each character, so that head and body leave with one write. */
  readonly body: string
}

const answerOf = (
  file: StaticFile,
  encoding: ContentEncoding.Encoding | undefined,
  common: Readonly<Record<string, string>>
): Answer => {
  const body = Buffer.from((encoding && file.variants[encoding]) ?? file.body)
  const headers = { ...headersOf(file, encoding), ...common, "content-type": file.type, "content-length": body.length }
  return {
    headers: Object.entries(headers).flatMap(([name, value]) => [name, String(value)]),
    body: body.toString("latin1")
  }
}

/** Answers a request if it is for the plain page. Otherwise returns `false` and does nothing. */
export type Shortcut = (request: IncomingMessage, response: ServerResponse) => boolean

/** `common` are the headers of every page. */
export const make = (page: WatchPage, common: Readonly<Record<string, string>>, originOf: PageOrigin): Shortcut => {
  /** The prepared answers of each file. They are freed with their file. */
  const answersOf = new WeakMap<StaticFile, Map<ContentEncoding.Encoding | undefined, Answer>>()

  const find = (file: StaticFile, encoding: ContentEncoding.Encoding | undefined): Answer => {
    const answers = answersOf.get(file) ?? new Map<ContentEncoding.Encoding | undefined, Answer>()
    answersOf.set(file, answers)
    const known = answers.get(encoding)
    if (known !== undefined) return known
    const answer = answerOf(file, encoding, common)
    answers.set(encoding, answer)
    return answer
  }

  return ({ headers, method, socket, url }, response) => {
    if (url !== "/" || method !== "GET") return false
    if (headers.upgrade !== undefined || headers["if-none-match"] !== undefined) return false
    const file = page.unsafeKept(originOf(socket.remoteAddress, headers))
    if (file === undefined) return false
    const answer = find(file, ContentEncoding.choose(file.variants, headers["accept-encoding"]?.toString()))
    response.writeHead(200, [...answer.headers])
    response.end(answer.body, "latin1")
    return true
  }
}
