/** Several channels, one transcript. */
import { transcribeChannelsWith, type ChannelOptions } from "./channels-with.ts";
import type { SessionEvent } from "./core/events.ts";
import { openSession } from "./session.ts";

export type { ChannelOptions } from "./channels-with.ts";

/**
 * Transcribes channels that were recorded together, such as `{ agent, customer }`. Segment ids are
 * `channel/connection:segment`, words carry `speaker`, `final` events are in the order of their
 * start as far as `orderMs` allows, and one `end` sums up all channels. A reader that falls 1024
 * events behind slows all of them; interims that were not read are replaced by newer ones.
 *
 * @throws the error of the first channel that fails, after `end`; the others are given up.
 */
export function transcribeChannels(
  channels: Readonly<Record<string, AsyncIterable<Uint8Array>>>,
  options: ChannelOptions,
): AsyncGenerator<SessionEvent, undefined> {
  return transcribeChannelsWith(channels, options, openSession);
}
