/** Times of a source's own clock, as `writeAt` takes them. */

/** Clocks that count from 1970 fit in, in seconds; in milliseconds they are a mistake. */
const MOST_SECONDS = 1e11;

/** @throws RangeError for what is no time. */
export function checkMediaSeconds(mediaSeconds: number): void {
  if (mediaSeconds >= 0 && mediaSeconds <= MOST_SECONDS) return;
  throw new RangeError(
    `Cannot write: mediaSeconds must be 0 to ${MOST_SECONDS}, got ${mediaSeconds}`,
  );
}
