/** Whether to write colours: on terminals, unless NO_COLOR is set (https://no-color.org). */
export const hasColours = (stream: NodeJS.WriteStream): boolean =>
  stream.isTTY === true && (process.env["NO_COLOR"] ?? "") === ""
