/** The client of the control channel. This is a separate script, which is loaded only if the server owns its workers. */
export { ControlLink } from "../Net/ControlLink.ts"
