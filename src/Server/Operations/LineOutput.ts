/**
 * Lines to the standard output or error of a program that must go on without them: what can't be written, to a full
 * disk or a pipe that nobody reads any more, is lost, and nothing else is.
 */
export const to = (stream: NodeJS.WriteStream): ((line: string) => void) => {
  if (!stream.listeners("error").includes(ignore)) stream.on("error", ignore)
  return (line) => {
    try {
      stream.write(`${line}\n`)
    } catch {}
  }
}

const ignore = (): void => {}
