import type { Message } from "../../WebSocket/Frames/Message.ts"
import type { Assignments, Values } from "../Scenario/Op.ts"
import * as Secrets from "../Scenario/Secrets.ts"
import { CookieJar } from "./CookieJar.ts"

const NO_ROUNDS: Array<number> = []

/** The values that the templates of one client can use. */
export class ClientValues implements Values {
  message = 0
  lastSent: Message | undefined
  /** The TLS session that the client's next connection may resume. */
  tlsSession: Buffer | undefined
  readonly client: number
  readonly random: () => number
  /** The current round of each `repeat`, by depth; 0 if the client is not in it. */
  readonly rounds: Array<number>
  readonly #environment: ReadonlyMap<string, string>
  #values: Map<string, string> | undefined
  #cookies: CookieJar | undefined

  constructor(client: number, depth: number, random: () => number, environment: ReadonlyMap<string, string>) {
    this.client = client
    this.random = random
    this.rounds = depth === 0 ? NO_ROUNDS : new Array<number>(depth).fill(0)
    this.#environment = environment
  }

  get round(): number {
    const { rounds } = this
    for (let depth = rounds.length - 1; depth >= 0; depth--) if (rounds[depth]! > 0) return rounds[depth]!
    return 1
  }

  value(name: string): string | undefined {
    return this.#values?.get(name) ?? this.#environment.get(name)
  }

  set(name: string, value: string): void {
    this.#values ??= new Map()
    this.#values.set(name, value)
  }

  get variables(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#values ?? [])
  }

  /** The values of variables with names of secrets, such as a captured `token`. */
  get secrets(): ReadonlyArray<string> {
    return [...this.#environment, ...(this.#values ?? [])].flatMap(([name, value]) =>
      Secrets.isSecretName(name) ? [value] : []
    )
  }

  /** Sets variables in order. Each may use those before it. Throws a `RenderError`. */
  assign(assignments: Assignments): void {
    for (const [name, value] of assignments) this.set(name, value(this))
  }

  takeCookies(lines: ReadonlyArray<string>, host: string): void {
    if (lines.length === 0) return
    this.#cookies ??= new CookieJar()
    for (const line of lines) this.#cookies.take(line, host)
  }

  cookiesFor(host: string): string | undefined {
    return this.#cookies?.header(host)
  }

  /** Takes over the variables of the client's last conversation. */
  keep(before: ClientValues): void {
    this.#values = before.#values
    this.#cookies = before.#cookies
  }
}
