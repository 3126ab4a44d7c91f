/** Records the view as a video, in the browser. This is a separate script, which is loaded when a viewer first records one. */
import { element } from "../../Element.ts"
import { bytes } from "../Model/Format.ts"
import { withDuration } from "../Model/WebmDuration.ts"
import { passFocus } from "../Panels/Actions.ts"
import { download } from "../Panels/Files.ts"
import type { Toast } from "../Panels/Toast.ts"

/** The video formats, in order of preference. */
const types = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm", "video/mp4"]

const FRAMES_PER_SECOND = 30

/** A recording ends after this many milliseconds, in case the viewer forgets it. */
const LONGEST = 10 * 60_000

export class Recorder {
  readonly #canvas: () => HTMLCanvasElement
  readonly #toast: Toast
  readonly #note = element("recording", HTMLElement)
  readonly #text = element("recording-text", HTMLElement)
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
    const recording = new MediaRecorder(this.#canvas().captureStream(FRAMES_PER_SECOND), { mimeType: type })
    let size = 0
    recording.ondataavailable = ({ data }) => {
      chunks.push(data)
      size += data.size
      if (size > 0) this.#text.textContent = `Recording, ${bytes(size)}`
    }
    recording.onstop = () => {
      window.clearTimeout(this.#timer)
      for (const track of recording.stream.getTracks()) track.stop()
      this.#recording = undefined
      passFocus(this.#note)
      this.#note.hidden = true
      this.#save(new Blob(chunks, { type }), performance.now() - begun).catch((error: Error) =>
        this.#toast.show(error.message)
      )
    }
    this.#recording = recording
    this.#timer = window.setTimeout(() => this.toggle(), LONGEST)
    this.#text.textContent = "Recording"
    this.#note.hidden = false
    const begun = performance.now()
    recording.start(1_000)
  }

  async #save(video: Blob, duration: number): Promise<void> {
    if (video.size === 0) return this.#toast.show("No picture was recorded, so there is no video: record for longer.")
    const { type } = video
    const isWebm = type.startsWith("video/webm")
    const parts = isWebm ? [withDuration(new Uint8Array(await video.arrayBuffer()), duration) as BlobPart] : [video]
    download(new Blob(parts, { type }), `life.${isWebm ? "webm" : "mp4"}`)
    this.#toast.show("The video was saved.")
  }
}
