/**
 * Channels to one: the weights of ITU-R BS.775 normalized to sum 1, so that no mix can exceed full
 * scale. Stereo 0.5/0.5; 5.1: L R 0.2071, C 0.2929, LFE 0, surrounds 0.1464.
 */
import { type PcmFormat } from "./format.ts";

/** Which channel to use: all of them mixed, or one, counted from 0. */
export type ChannelChoice = "average" | number;

/** WAVE speaker bits (WAVEFORMATEXTENSIBLE), lowest bit first. */
const SPEAKER = {
  frontLeft: 1,
  frontRight: 2,
  frontCenter: 4,
  lowFrequency: 8,
} as const;
const FRONT = SPEAKER.frontLeft | SPEAKER.frontRight;

/** Usual layouts by channel count: 5 is 5.0, 6 is 5.1, 7 is 6.1, 8 is 7.1. */
const USUAL: readonly number[] = [0, 4, 3, 7, 0x33, 0x37, 0x3f, 0x70f, 0x63f];

const MINUS_3_DB = Math.SQRT1_2;

/** What is known of a channel's place. */
export interface Place {
  readonly front: boolean;
  readonly center: boolean;
  readonly lowFrequency: boolean;
  readonly surround: boolean;
}

/** The weight of each channel in the mix; they sum to 1. */
export function mixWeights(format: PcmFormat): Float64Array {
  const { channels } = format;
  if (channels <= 2 || speakersOf(format) === undefined) {
    return new Float64Array(channels).fill(1 / channels);
  }
  // A mono mix takes front left and right at -3 dB, the center whole, the surrounds at half.
  const weights = Float64Array.from(layout(format), ({ front, center, lowFrequency }) =>
    lowFrequency ? 0 : front ? MINUS_3_DB : center ? 1 : 0.5,
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum === 0 ? weights.fill(1 / channels) : weights.map((weight) => weight / sum);
}

/** The place of each channel; where nobody can say, all are fronts. */
export function layout(format: PcmFormat): Place[] {
  const speakers =
    speakersOf(format) ?? Array.from({ length: format.channels }, () => SPEAKER.frontLeft);
  return speakers.map((speaker) => {
    const front = (speaker & FRONT) !== 0;
    const center = speaker === SPEAKER.frontCenter;
    const lowFrequency = speaker === SPEAKER.lowFrequency;
    return { front, center, lowFrequency, surround: !front && !center && !lowFrequency };
  });
}

/** The speaker of each channel, or undefined when nobody can say. */
function speakersOf({ channels, channelMask }: PcmFormat): number[] | undefined {
  const mask = channelMask === undefined || channelMask === 0 ? USUAL[channels] : channelMask;
  if (mask === undefined) return undefined;
  const speakers: number[] = [];
  for (let bit = 0; bit < 18; bit++) if ((mask & (1 << bit)) !== 0) speakers.push(1 << bit);
  return speakers.length === channels ? speakers : undefined;
}
