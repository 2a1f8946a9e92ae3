/**
 * How many connections the process may have to one host with one key: a service counts the streams
 * of an account and refuses what goes beyond (10 where documented; PROTOCOL §8.3, P24). The client
 * counts too, so that a session that would be refused costs no handshake.
 */

/** The documented limit of the hosted service. */
const HOSTED_LIMIT = 10;
const HOSTED = /(^|\.)fireworks\.ai$/u;

/** Connections there are, by account. An account without any is not in it. */
const taken = new Map<string, number>();

/** The limit where the caller does not say one: only the hosted service has one that is known. */
export function usualLimit(host: string): number {
  return HOSTED.test(host.replace(/:\d+$/u, "")) ? HOSTED_LIMIT : Infinity;
}

/** Takes a place. @returns gives it back, however often it is called; `undefined` = all are taken. */
export function takePlace(account: string, limit: number): (() => void) | undefined {
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
