export interface SharedLogOptions {
  /** Milliseconds after which an entry that did not come back is sent again. 1,000 unless given. */
  readonly patience: number
  /**
   * Milliseconds between two questions to the engine for the end of the log; five times as long while nothing is
   * written to it. 1,000 unless given.
   */
  readonly poll: number
  /** Bytes of the engine between two snapshots. A quarter of those that the engine keeps unless given. */
  readonly snapshotEvery: number | undefined
  /**
   * Milliseconds to wait for another process's snapshot if the log does not join on to the saved one. 5,000 unless given.
   */
  readonly snapshotPatience: number
  /** Called with a problem that loses no entry, such as a snapshot that could not be saved. */
  readonly onTrouble: (log: string, what: string) => void
}

export const defaults: SharedLogOptions = {
  patience: 1000,
  poll: 1000,
  snapshotEvery: undefined,
  snapshotPatience: 5000,
  onTrouble: () => {}
}
