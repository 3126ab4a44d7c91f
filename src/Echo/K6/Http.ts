/** The module `k6/http`. Requests block the script; `asyncRequest` does not. */
import { isRecord } from "effect/Predicate"
import { parseTimeSpan } from "../../Text/TimeSpan.ts"
import { real } from "../../Time/Timer.ts"
import type { Failure } from "../Measure/Failure.ts"
import { type HttpAnswer, type HttpRequest, methods } from "../Scenario/HttpRequest.ts"
import { delayOf, isCallback, type Vu } from "./Vu.ts"

const REDIRECTS = 10

/** Milliseconds until a request is given up, unless the script says otherwise. */
const TIMEOUT = 60_000

const canonical = (name: string): string => name.replaceAll(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase())

/** The value at `a.b.0.c` of a JSON value. */
const at = (value: unknown, path: string): unknown =>
  path === ""
    ? value
    : path.split(".").reduce<unknown>((inner, key) => {
        if (Array.isArray(inner)) return key === "#" ? inner.length : inner[Number(key)]
        return isRecord(inner) ? inner[key] : undefined
      }, value)

/** The answer to a request, as scripts see it. */
const responseOf = (request: HttpRequest, answer: HttpAnswer | undefined, error: string) => {
  const { body = null, cookies = [], headers = {}, status = 0, time = 0 } = answer ?? {}
  const pairs = cookies.map((line) => /^([^=;]*)=([^;]*)/.exec(line) ?? ["", "", ""])
  const none = { blocked: 0, connecting: 0, tls_handshaking: 0, sending: 0, receiving: 0 }
  return {
    url: request.url.href,
    status,
    status_text: answer === undefined ? "" : String(status),
    body,
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [canonical(name), value])),
    cookies: Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, [{ name, value }]])),
    timings: { duration: time, waiting: time, ...none },
    error,
    error_code: error === "" ? 0 : 1000,
    request: { method: request.method, url: request.url.href, headers: request.headers, body: request.body ?? "" },
    json: (path: unknown = ""): unknown => at(JSON.parse(body ?? ""), String(path))
  }
}

type Response = ReturnType<typeof responseOf>

const bodyOf = (body: unknown): { readonly text: string | undefined; readonly type: string | undefined } => {
  if (body === undefined || body === null) return { text: undefined, type: undefined }
  if (typeof body === "string") return { text: body, type: undefined }
  if (!isRecord(body)) return { text: String(body), type: undefined }
  const fields = Object.entries(body).map(([name, value]): [string, string] => [name, String(value)])
  return { text: new URLSearchParams(fields).toString(), type: "application/x-www-form-urlencoded" }
}

type Method = HttpRequest["method"]

const requestOf = (method: Method, url: unknown, body: unknown, parameters: unknown): HttpRequest => {
  const { cookies, headers } = isRecord(parameters) ? parameters : {}
  const { text, type } = bodyOf(body)
  const given = Object.entries(isRecord(headers) ? headers : {}).map(
    ([name, value]) => [name.toLowerCase(), String(value)] as const
  )
  const own = Object.entries(isRecord(cookies) ? cookies : {}).map(
    ([name, value]) => `${name}=${String(isRecord(value) ? value["value"] : value)}`
  )
  const href = String(url)
  if (!URL.canParse(href) || !/^https?:$/.test(new URL(href).protocol))
    throw new TypeError(`"${href}" is not a URL with http: or https:`)
  return {
    method,
    url: new URL(href),
    headers: {
      ...(type === undefined ? {} : { "content-type": type }),
      ...(own.length === 0 ? {} : { cookie: own.join("; ") }),
      ...Object.fromEntries(given)
    },
    body: text
  }
}

/** The request that an answer redirects to; `undefined` if it does not. */
const redirected = (request: HttpRequest, { headers, status }: HttpAnswer): HttpRequest | undefined => {
  const { location } = headers
  if (location === undefined || ![301, 302, 303, 307, 308].includes(status)) return undefined
  if (!URL.canParse(location, request.url.href)) return undefined
  const url = new URL(location, request.url)
  return status > 303
    ? { ...request, url }
    : { ...request, url, method: request.method === "HEAD" ? "HEAD" : "GET", body: undefined }
}

/** Milliseconds of a number of them, or of a text such as `10s`. */
const timeoutOf = (timeout: unknown): number => {
  if (timeout === undefined || timeout === null) return TIMEOUT
  const time = typeof timeout === "string" && !/^\d+$/.test(timeout) ? parseTimeSpan(timeout) : Number(timeout)
  if (time === undefined || !(time > 0))
    throw new TypeError(`the timeout ${String(timeout)}: expected milliseconds, or a time such as "10s"`)
  return delayOf(time, 1)
}

const methodOf = (method: unknown): Method => {
  const known = methods.find((one) => one === String(method).toUpperCase())
  if (known === undefined) throw new TypeError(`there is no method ${String(method)}: expected ${methods.join(", ")}`)
  return known
}

export const http = (vu: Vu) => {
  /** What an answer may have without counting as failed: a status below 400 unless the script says otherwise. */
  let isExpected: (status: number) => boolean = (status) => status >= 200 && status < 400

  const send = (first: HttpRequest, parameters: unknown, resume: (make: () => Response) => void): void => {
    const iteration = vu.running("http")
    const { named, request, values } = iteration.client
    const { redirects = REDIRECTS, responseCallback, timeout } = isRecord(parameters) ? parameters : {}
    const most = timeoutOf(timeout)
    const accepts = isCallback(responseCallback) ? (status: number) => responseCallback(status) === true : isExpected
    let asked = first
    let giveUp = () => {}
    const finish = (answer: HttpAnswer | undefined, error: string) => {
      stopTimer()
      forget()
      resume(() => {
        named.count("k6.http_reqs")
        named.count(`k6.http_req_failed.${answer !== undefined && accepts(answer.status) ? "false" : "true"}`)
        return responseOf(asked, answer, error)
      })
    }
    const fail = (failure: Failure) => {
      iteration.fail(failure)
      finish(undefined, failure.detail)
    }
    const go = (left: number) => {
      const { hostname } = asked.url
      const cookies = [asked.headers["cookie"], values.cookiesFor(hostname)].filter((one) => one !== undefined)
      const headers = { ...asked.headers, ...(cookies.length === 0 ? {} : { cookie: cookies.join("; ") }) }
      giveUp = request(
        { ...asked, headers },
        {
          onAnswer: (answer) => {
            named.record("k6.http_req_duration", answer.time)
            values.takeCookies(answer.cookies, hostname)
            const next = left > 0 ? redirected(asked, answer) : undefined
            if (next === undefined) return finish(answer, "")
            asked = next
            go(left - 1)
          },
          onFailure: fail
        }
      )
    }
    const onTimeout = () => {
      giveUp()
      const kind = `no answer to an HTTP request within ${most} ms`
      fail({ cause: "timeout", kind, detail: `${kind}: ${asked.method} ${asked.url.href}` })
    }
    const stopTimer = real.after(most, onTimeout)
    const forget = iteration.onCut(() => {
      stopTimer()
      giveUp()
    })
    go(Number(redirects))
  }
  const request = (method: unknown, url: unknown, body?: unknown, parameters?: unknown): Promise<Response> => {
    const made = requestOf(methodOf(method), url, body, parameters)
    return vu.running("http").block((resume) => send(made, parameters, resume))
  }
  const asyncRequest = (method: unknown, url: unknown, body?: unknown, parameters?: unknown): Promise<Response> => {
    const made = requestOf(methodOf(method), url, body, parameters)
    return vu.running("http").pending((release) => send(made, parameters, release))
  }
  /** `[method, url, body, parameters]`, an object with these members, or a URL. */
  const one = (given: unknown) => {
    if (Array.isArray(given)) return request(given[0], given[1], given[2], given[3])
    return isRecord(given)
      ? request(given["method"] ?? "GET", given["url"], given["body"], given["params"])
      : request("GET", given)
  }
  const batch = async (all: unknown): Promise<unknown> => {
    if (Array.isArray(all)) return Promise.all(all.map(one))
    const entries = Object.entries(isRecord(all) ? all : {})
    const answers = await Promise.all(entries.map(([, given]) => one(given)))
    return Object.fromEntries(entries.map(([name], index) => [name, answers[index]]))
  }
  const withBody = (method: Method) => (url: unknown, body?: unknown, parameters?: unknown) =>
    request(method, url, body, parameters)
  return {
    get: (url: unknown, parameters?: unknown) => request("GET", url, undefined, parameters),
    head: (url: unknown, parameters?: unknown) => request("HEAD", url, undefined, parameters),
    post: withBody("POST"),
    put: withBody("PUT"),
    patch: withBody("PATCH"),
    del: withBody("DELETE"),
    options: withBody("OPTIONS"),
    request,
    asyncRequest,
    batch,
    /** `http.url` of a template literal: k6 groups requests by it, here it is the text. */
    url: (texts: TemplateStringsArray, ...given: ReadonlyArray<unknown>) => String.raw({ raw: texts }, ...given),
    expectedStatuses:
      (...given: ReadonlyArray<unknown>) =>
      (status: number) =>
        given.some((each) =>
          isRecord(each) ? status >= Number(each["min"]) && status <= Number(each["max"]) : status === Number(each)
        ),
    setResponseCallback: (callback: unknown) => {
      isExpected = isCallback(callback) ? (status) => callback(status) === true : () => true
    }
  }
}
