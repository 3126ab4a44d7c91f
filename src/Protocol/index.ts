/** The codecs of what the server of a game speaks: plain functions, for Node and for browsers. */

export * as CloseReason from "./CloseReason.ts"
export * as Control from "./Control.ts"
export * as PatternList from "./PatternList.ts"
export * as Protocol0 from "./Protocol0.ts"
export * as Recording from "./Recording.ts"
export * as RecordingReader from "./RecordingReader.ts"
export * as RecordingWriter from "./RecordingWriter.ts"
export * as WatchDecoder from "./WatchDecoder.ts"
export * as WatchEncoder from "./WatchEncoder.ts"
export * as WatchProtocol from "./WatchProtocol.ts"
export * as WatchRequest from "./WatchRequest.ts"
