/** Waits for what another process, a browser or a server does in its own time. */
import { stateLimit } from "./limits.ts"

/** Milliseconds between two attempts. */
const pause = 20

/** Repeats an assertion until it passes, and returns its result; fails as it does at the limit. */
export const eventually = async <A>(assertion: () => A | Promise<A>): Promise<A> => {
  const begun = performance.now()
  for (;;) {
    try {
      return await assertion()
    } catch (error) {
      if (performance.now() - begun > stateLimit()) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
