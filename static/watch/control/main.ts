/** The control channel's client, a script of its own: it is loaded where a server owns its workers. */
export { ControlLink } from "../Net/ControlLink.ts"
