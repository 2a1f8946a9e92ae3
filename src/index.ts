/** Everyword's public face. */
export { EverywordError, ServiceWithdrawnError, type ErrorCode } from "./errors.ts";
export type { Gap, Segment, Transcript, Word } from "./transcript.ts";
