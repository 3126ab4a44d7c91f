/** Whether to write colours: only on terminals, and not if NO_COLOR is set (https://no-color.org). */
export const hasColours = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""
