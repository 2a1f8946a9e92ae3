/** How loud a microphone is, as a bar. Pure. */

/** What the left end of the bar means; quieter is silence to an eye. */
const FLOOR_DB = -60;

const EIGHTHS = " ▏▎▍▌▋▊▉█";

export interface Level {
  /** Root mean square of the last moment, 0 to 1 of full scale. */
  readonly rms: number;
  /** Largest sample of the last moments, 0 to 1 of full scale. */
  readonly peak: number;
}

/** Decibels below full scale, not below -60. */
export function toDecibels(amplitude: number): number {
  return amplitude > 0 ? Math.max(FLOOR_DB, 20 * Math.log10(amplitude)) : FLOOR_DB;
}

/**
 * A bar from -60 to 0 dB with a mark at the peak, and the level as a number: `██████▌  │  -21 dB`.
 * A peak within 0.1 dB of full scale adds `clipping`. `width` columns; at least 12.
 */
export function levelMeter(level: Level, width: number): string {
  const clipping = toDecibels(level.peak) > -0.1;
  const number =
    `${Math.round(toDecibels(level.rms))} dB`.padStart(7) + (clipping ? " clipping" : "");
  const columns = Math.max(4, Math.floor(width) - number.length - 1);
  const filled = ((toDecibels(level.rms) - FLOOR_DB) / -FLOOR_DB) * columns;
  const peak = Math.min(
    columns - 1,
    Math.floor(((toDecibels(level.peak) - FLOOR_DB) / -FLOOR_DB) * columns),
  );
  let bar = "";
  for (let column = 0; column < columns; column += 1) {
    const eighths = Math.min(8, Math.max(0, Math.round((filled - column) * 8)));
    bar += eighths === 0 && column === peak && peak > 0 ? "│" : (EIGHTHS[eighths] ?? " ");
  }
  return `${bar} ${number}`;
}
