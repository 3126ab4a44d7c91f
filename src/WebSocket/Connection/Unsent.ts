/**
 * What a connection sends while the kernel has not taken all bytes: those that the socket was given, those that are kept
 * until it has taken them, and who waits for that. Made when the kernel first leaves bytes, which it hardly ever does.
 *
 * All of these bytes are in the account of the connection.
 */
import type { Socket } from "node:net"
import type { ByteString } from "../Frames/Frame.ts"
import { Backlog, WORTHWHILE } from "./Backlog.ts"
import type * as DirectWrites from "./DirectWrites.ts"
import { type MemoryAccount, UNCOUNTED } from "./MemoryBudget.ts"

export interface UnsentOwner {
  /** Counts the bytes that are kept while the peer does not read. */
  readonly account: MemoryAccount
  /** The kernel has taken bytes that the socket was given: perhaps all, see `isTaken`. */
  readonly wrote: () => void
  /** More than the most bytes are kept. */
  readonly overflowed: () => void
  readonly call: (f: () => void) => void
}

export class Unsent {
  readonly #socket: Socket
  readonly #owner: UnsentOwner
  readonly #most: number
  /** Bytes of a direct write that the kernel has not taken. */
  #rest = 0
  /** Bytes in the account that the socket was given. */
  #given = 0
  /** Bytes that are kept, the oldest first: the backlog, then the gathered ones. */
  #backlog: Backlog | undefined = undefined
  #gathered: ByteString = ""
  #drained: Set<() => void> | undefined = undefined

  /** `most`: the most bytes to have, unless one message is larger. */
  constructor(socket: Socket, owner: UnsentOwner, most: number) {
    this.#socket = socket
    this.#owner = owner
    this.#most = most
  }

  get size(): number {
    return this.#kept + this.#rest + this.#socket.writableLength
  }

  /** Bytes that the socket was not given. */
  get #kept(): number {
    return this.#gathered.length + (this.#backlog?.length ?? 0)
  }

  /** Whether the kernel has taken all bytes that the socket was given. */
  get isTaken(): boolean {
    return this.#rest === 0 && this.#socket.writableLength === 0
  }

  /** Waits until the kernel has taken the rest of a direct write. */
  wait(rest: DirectWrites.Rest): void {
    this.#rest = rest.bytes
    rest.onceTaken((isLost) => {
      this.#rest = 0
      if (isLost) this.#socket.destroy()
      else this.#owner.wrote()
    })
    this.give(rest.bytes)
  }

  /** Writes by the stream of the socket. An empty write waits for those before it. */
  write(bytes: ByteString): void {
    this.#socket.write(bytes, "latin1", () => this.#owner.wrote())
  }

  /** Writes buffers by the stream of the socket, with one system call if the kernel takes them. */
  writeAll(backlog: Backlog): void {
    backlog.write(this.#socket, () => this.#owner.wrote())
  }

  /** Counts bytes that the socket was given and the kernel has not taken. */
  give(bytes: number): void {
    this.#given += bytes
    this.#owner.account.add(bytes)
  }

  /** The kernel has taken all that the socket was given, or never will. */
  taken(): void {
    const given = this.#given
    this.#given = 0
    if (given > 0) this.#owner.account.remove(given)
  }

  /** Keeps bytes behind those that are kept already. */
  keep(bytes: ByteString): void {
    this.#gathered += bytes
    this.#count(bytes.length)
  }

  /** The same for buffers that do not change any more. */
  keepBuffers(buffers: ReadonlyArray<Buffer>): void {
    const backlog = this.#store()
    const before = backlog.length
    for (const buffer of buffers) backlog.pushBuffer(buffer)
    this.#count(backlog.length - before)
  }

  /** Checks whether the kept bytes are too many now, or enough for a buffer. */
  #count(bytes: number): void {
    this.#owner.account.add(bytes)
    // A pong or another short frame may wait behind one message that is larger than the limit.
    if (this.#kept > Math.min(UNCOUNTED, this.#most) && this.size > this.#most) this.#owner.overflowed()
    else if (this.#gathered.length >= WORTHWHILE) this.#store()
  }

  /** The backlog, after the gathered bytes were moved into it. */
  #store(): Backlog {
    this.#backlog ??= new Backlog()
    if (this.#gathered !== "") this.#backlog.push(this.#gathered)
    this.#gathered = ""
    return this.#backlog
  }

  /** Takes the backlog, which is to be written first. */
  takeBacklog(): Backlog | undefined {
    const backlog = this.#backlog
    this.#backlog = undefined
    if (backlog !== undefined) this.#owner.account.remove(backlog.length)
    return backlog
  }

  /** Takes the other bytes that are kept. */
  takeGathered(): ByteString {
    const gathered = this.#gathered
    this.#gathered = ""
    if (gathered !== "") this.#owner.account.remove(gathered.length)
    return gathered
  }

  forget(): void {
    this.takeBacklog()
    this.takeGathered()
  }

  /** Calls `f` at the next `settle`. Returns a function that stops the wait. */
  onceSettled(f: () => void): () => void {
    const wake = () => f()
    this.#drained ??= new Set()
    this.#drained.add(wake)
    return () => void this.#drained?.delete(wake)
  }

  /** Wakes who waits: all bytes have left this process, or never will. */
  settle(): void {
    const waiting = this.#drained
    this.#drained = undefined
    if (waiting !== undefined) for (const f of waiting) this.#owner.call(f)
  }
}
