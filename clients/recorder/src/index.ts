export { Refused, Unavailable, type LiveRecording, type Problem, type Receipt, type Token } from "./api.js";
export type { Ends } from "./cutter.js";
export { RunsElsewhere } from "./lock.js";
export type { DeviceEvent } from "./microphone.js";
export { NotFinished } from "./options.js";
export type { Listeners, RecorderEvents, RecorderOptions, RecorderState, ResumeOptions } from "./options.js";
export { Recorder } from "./recorder.js";
export type { StoredPiece, StoredRecording } from "./store.js";
