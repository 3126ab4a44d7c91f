/** The planned time of a client's round, and how late its messages are. Times are in milliseconds. */
export class Pace {
  /** When the next round is due; `NaN` if this is not known. */
  due = Number.NaN
  /** How late the first message of the round was. It is used for all messages of the round. */
  late = 0

  /** A message is sent at `now`. The first message of a round sets how late the round is. */
  note(now: number): void {
    if (Number.isNaN(this.due)) return
    this.late = now - this.due
    this.due = Number.NaN
  }

  /** The rounds are over. Later messages have no planned time. */
  end(): void {
    this.late = 0
    this.due = Number.NaN
  }
}
