/** Says what the object under the pointer is. This is a separate script, which is loaded when a viewer first inspects a living cell. */
export { describe } from "../Model/Census.ts"
