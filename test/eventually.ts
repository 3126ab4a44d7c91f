/** Waits for what another process, a browser or a server does in its own time. */

/** Milliseconds until it is not expected any more: a machine that is shared may stand still for seconds. */
const patience = 30_000

/** Milliseconds between looks. */
const pause = 20

/** Repeats an assertion until it holds, and gives its result; fails as it does when the time is over. */
export const eventually = async <A>(assertion: () => A | Promise<A>): Promise<A> => {
  const end = performance.now() + patience
  for (;;) {
    try {
      return await assertion()
    } catch (error) {
      if (performance.now() > end) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
