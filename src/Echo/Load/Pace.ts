/** The planned time of a client's round, and how late its messages are against it. Times in milliseconds. */
export class Pace {
  /** When the round about to begin is due: `NaN` while that is not known. */
  due = Number.NaN
  /** How late the first message of the round was: for all messages of the round. */
  late = 0

  /** A message is sent at `now`: the first of a round tells how late the round is. */
  note(now: number): void {
    if (Number.isNaN(this.due)) return
    this.late = now - this.due
    this.due = Number.NaN
  }

  /** The rounds are over: later messages have no planned time. */
  end(): void {
    this.late = 0
    this.due = Number.NaN
  }
}
