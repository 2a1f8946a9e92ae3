/**
 * How many connections there may be to one host with one key: a service counts the streams of an
 * account and refuses what goes beyond (10 where documented; PROTOCOL §8.3, P24). The client counts
 * too, so that a session that would be refused costs no handshake. The count is that of the thread;
 * the threads of a session pool take their places in the thread of the pool.
 */

/** Gives the place back, however often it is called. */
export type GiveBack = () => void;

/** Takes a place. @returns `undefined` = all are taken. */
export type TakePlace = (
  account: string,
  limit: number,
) => GiveBack | undefined | Promise<GiveBack | undefined>;

/** The documented limit of the hosted service. */
const HOSTED_LIMIT = 10;
const HOSTED = /(^|\.)fireworks\.ai$/u;

/** Connections there are, by account. An account without any is not in it. */
const taken = new Map<string, number>();

/** The limit where the caller does not say one: only the hosted service has one that is known. */
export function usualLimit(host: string): number {
  return HOSTED.test(host.replace(/:\d+$/u, "")) ? HOSTED_LIMIT : Infinity;
}

/** Takes a place in the count of this thread. @returns `undefined` = all are taken. */
export function takePlace(account: string, limit: number): GiveBack | undefined {
  const count = taken.get(account) ?? 0;
  if (count >= limit) return undefined;
  taken.set(account, count + 1);
  let isMine = true;
  return () => {
    if (!isMine) return;
    isMine = false;
    const left = (taken.get(account) ?? 1) - 1;
    if (left > 0) taken.set(account, left);
    else taken.delete(account);
  };
}
