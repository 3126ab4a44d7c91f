import type { Failure } from "../Measure/Failure.ts"

export const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const

/** A request whose templates are filled in. */
export interface HttpRequest {
  readonly method: (typeof methods)[number]
  readonly url: URL
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface HttpAnswer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The values of all its `Set-Cookie` headers. */
  readonly cookies: ReadonlyArray<string>
  readonly body: string
  /** Milliseconds from the start of the request to the end of the answer. */
  readonly time: number
}

interface AnswerHandler {
  readonly onAnswer: (answer: HttpAnswer) => void
  readonly onFailure: (failure: Failure) => void
}

/** Sends a request and calls the handler once. Returns a function that aborts the request. */
export type Requester = (request: HttpRequest, handler: AnswerHandler) => () => void
