/**
 * Answers for the watch page that are made beforehand, and given without Effect: it is what most requests are for, and the way
 * through an HTTP app costs several times what Node does for an answer. What is not the plain case is left to the app.
 */
import type { IncomingMessage, ServerResponse } from "node:http"
import * as ContentEncoding from "./ContentEncoding.ts"
import type { PageOrigin } from "./PageOrigin.ts"
import { headersOf, type StaticFile } from "./StaticFiles.ts"
import type { WatchPage } from "./WatchPage.ts"

interface Answer {
  /** Names and values in turn, as Node takes them. */
  readonly headers: ReadonlyArray<string>
  /** One byte a character: head and body then leave with one write. */
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

/** Answers a request, where it is one for the page as it is; or gives `false`, and has done nothing. */
export type Shortcut = (request: IncomingMessage, response: ServerResponse) => boolean

/** `common` are the headers of every page. */
export const make = (page: WatchPage, common: Readonly<Record<string, string>>, originOf: PageOrigin): Shortcut => {
  /** Those of files that are not kept any more go with them. */
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
