/** Records the view as a video, in the browser. */
import { element } from "../../Element.ts"
import { download } from "./Files.ts"
import type { Toast } from "./Toast.ts"

/** The video formats, in order of preference. */
const types = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"]

const framesPerSecond = 30

/** A recording ends after this many milliseconds, in case the viewer forgets it. */
const longest = 10 * 60_000

export class Recorder {
  readonly #canvas: () => HTMLCanvasElement
  readonly #toast: Toast
  readonly #note = element("recording", HTMLElement)
  #recording: MediaRecorder | undefined
  #timer: number | undefined

  constructor(canvas: () => HTMLCanvasElement, toast: Toast) {
    this.#canvas = canvas
    this.#toast = toast
    element("recording-stop", HTMLButtonElement).addEventListener("click", () => this.toggle())
  }

  /** Begins a recording, or ends and saves it. */
  toggle(): void {
    if (this.#recording === undefined) this.#begin()
    else this.#recording.stop()
  }

  #begin(): void {
    const type = types.find((candidate) => window.MediaRecorder?.isTypeSupported(candidate))
    if (type === undefined) return this.#toast.show("This browser cannot record videos.")
    const chunks: Array<Blob> = []
    const recording = new MediaRecorder(this.#canvas().captureStream(framesPerSecond), { mimeType: type })
    recording.ondataavailable = ({ data }) => chunks.push(data)
    recording.onstop = () => {
      window.clearTimeout(this.#timer)
      for (const track of recording.stream.getTracks()) track.stop()
      this.#recording = undefined
      this.#note.hidden = true
      download(new Blob(chunks, { type }), `life.${type.startsWith("video/mp4") ? "mp4" : "webm"}`)
      this.#toast.show("The video was saved.")
    }
    this.#recording = recording
    this.#timer = window.setTimeout(() => this.toggle(), longest)
    this.#note.hidden = false
    recording.start(1_000)
  }
}
