import type { Close } from "../../WebSocket/Frames/CloseCode.ts"
import type { Failure } from "../Measure/Failure.ts"
import * as ConversationFailure from "../Scenario/ConversationFailure.ts"
import type { Op, Runner, RunnerConnection, State } from "../Scenario/Op.ts"
import type { Times } from "./ClientTimes.ts"
import type { ClientValues } from "./ClientValues.ts"
import type { DialledConnection } from "./Dialer.ts"
import type { Flow } from "./Flow.ts"

/** A client, as its states see it. */
export interface Stateful extends Runner {
  /** The number of the client, from 1, over all processes. */
  readonly client: number
  state: ClientState
  readonly flow: Flow
  readonly values: ClientValues
  readonly times: Times
  readonly connection: RunnerConnection & {
    readonly link: DialledConnection | undefined
    /** How the server closed a connection of which messages still have to be checked. */
    readonly closedBy: Close | undefined
    readonly endBy: (close: Close) => void
    /** The conversation works: a right reply came. */
    readonly works: () => void
  }
  readonly op: Op | undefined
  /** Ends the conversation because of what a template could not use. Any other error is thrown again. */
  readonly failBy: (error: unknown, op: Op | undefined) => void
  readonly until: (state: ClientState, deadline: number) => void
  readonly start: () => void
  /** Asks again when the next round is due. */
  readonly planAgain: () => void
  /** Connects again. `failure` is why the connection was lost; `undefined` if a step closed it. */
  readonly comeBack: (failure: Failure | undefined) => void
  /** Ends with this failure if the run is over, so that nobody waits for the client. */
  readonly endIfOver: (failure: Failure) => void
}

export type ClientState = State<Stateful>

/*
 * The states of a client, what moves it on, and where to. `failed` is done with a failure; `lost` is Away if the scenario reconnects,
 * else failed. Every state can go to done by a cut of the run.
 *
 * | state      | deadline           | message       | close of the server           | leads to                                 |
 * | ---------- | ------------------ | ------------- | ----------------------------- | ---------------------------------------- |
 * | Waiting    | start              | -             | -                             | Running                                  |
 * | Running    | -                  | kept          | lost                          | any; only during a call                  |
 * | Connecting | - (the dialer has) | -             | -                             | Running, or lost (ClientConnection.ts)   |
 * | Requesting | failed             | -             | -                             | Running (Steps/Http.ts)                  |
 * | Expect     | failed             | checked       | lost                          | Running (Assembler.ts)                   |
 * | Pausing    | step               | kept          | Running, if messages are kept | Running (Steps/Wait.ts)                  |
 * | Pacing     | step               | kept          | the same                      | Running, when its next round is due      |
 * | Blocked    | look again, failed | kept          | lost                          | Running, when the server has read        |
 * | Scripted   | failed             | to the script | lost, after a turn            | Running (Steps/Script.ts)                |
 * | Playing    | cut                | -             | -                             | done (Steps/K6.ts)                       |
 * | Ping       | failed             | kept          | lost                          | Running, by the pong (Steps/Ping.ts)     |
 * | Reconnect  | failed             | ignored       | Away                          | Away (Steps/Reconnect.ts)                |
 * | Away       | connect            | ignored       | -                             | Connecting, or Running with a new login  |
 * | Finishing  | -                  | stray         | done                          | Closing, when what was read is handled   |
 * | Closing    | failed             | stray         | done                          | done                                     |
 * | Done       | -                  | -             | -                             | -                                        |
 *
 * A message that is kept waits for the step that expects it. A stray one fails, or is ignored with `unmatched: ignore`.
 */
export const states = {
  waiting: { _tag: "Waiting", onDeadline: (client) => client.start() },
  running: { _tag: "Running", onDeadline: () => {} },
  /** There is no deadline before the plan has begun. */
  pacing: {
    _tag: "Pacing",
    onDeadline: (client) => client.step(),
    onClose: (client, close) => client.connection.closedInPause(close),
    onWake: (client) => client.planAgain()
  },
  finishing: {
    _tag: "Finishing",
    onDeadline: () => {},
    onMessage: (client, { message }) => client.messages.stray(message),
    // Some servers, such as websocketd, drop the connection without a close frame after their last message.
    onClose: (client) => client.end()
  },
  closing: {
    _tag: "Closing",
    onDeadline: (client) => client.end(ConversationFailure.notClosed(client.timeout)),
    onMessage: (client, { message }) => client.messages.stray(message),
    onClose: (client) => client.end()
  },
  done: { _tag: "Done", onDeadline: () => {}, onClose: () => {} }
} satisfies Readonly<Record<string, ClientState>>

/** Connects again at its deadline, after a failure or because a step closed the connection. */
export const away = (failure: Failure | undefined): ClientState => ({
  _tag: "Away",
  onDeadline: (client) => client.comeBack(failure),
  onMessage: () => {},
  ...(failure === undefined ? {} : { onWake: (client) => client.endIfOver(failure) })
})
