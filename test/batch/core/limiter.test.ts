import { expect, test } from "vitest";
import { guessMinutes } from "../../../src/batch/core/guess-minutes.ts";
import { defaultRates, RateLimiter } from "../../../src/batch/core/limiter.ts";
import { seeded } from "../random.ts";

/** The most that any 60 seconds saw. */
function busiest(events: readonly { readonly atMs: number; readonly amount: number }[]): number {
  let most = 0;
  let sum = 0;
  let from = 0;
  for (const event of events) {
    sum += event.amount;
    while ((events[from]?.atMs ?? 0) <= event.atMs - 60_000) {
      sum -= events[from]?.amount ?? 0;
      from += 1;
    }
    most = Math.max(most, sum);
  }
  return most;
}

test("in any 60 seconds neither limit is passed, and the tighter one is used up", () => {
  const seed = 11;
  const random = seeded(seed);
  const limiter = new RateLimiter({ requestsPerMinute: 100, audioMinutesPerMinute: 200 });
  const passed: { readonly atMs: number; readonly amount: number }[] = [];
  let now = 0;
  for (let file = 0; file < 5000; file += 1) {
    const minutes = random() * 6;
    for (let wait = limiter.take(now, minutes); wait > 0; wait = limiter.take(now, minutes))
      now += wait;
    passed.push({ atMs: now, amount: minutes });
    now += random() * 100;
  }
  const requests = busiest(passed.map(({ atMs }) => ({ atMs, amount: 1 })));
  const audio = busiest(passed);
  expect([requests <= 100, audio <= 200.001, audio > 190], `seed ${seed}`).toEqual([
    true,
    true,
    true,
  ]);
});

test("a file longer than the whole limit waits for an empty minute and then goes", () => {
  const limiter = new RateLimiter({ requestsPerMinute: 100, audioMinutesPerMinute: 200 });
  expect([limiter.take(0, 1), limiter.take(1000, 600), limiter.take(60_000, 600)]).toEqual([
    0, 59_000, 0,
  ]);
});

test("a 429 pauses all and halves the share once a second; ten quiet seconds give a tenth back", () => {
  const limiter = new RateLimiter(defaultRates("whisper-v3"));
  const full = { status: 429, headers: { "retry-after": "5" } };
  limiter.handleAnswer(0, full);
  limiter.handleAnswer(10, full);
  const paused = limiter.take(100);
  limiter.handleAnswer(2000, { status: 429, headers: {} });
  const halved = limiter.share;
  limiter.take(12_000);
  expect([paused, halved, limiter.share]).toEqual([4910, 0.25, 0.35]);
});

test("the service's own limit counts when it is lower, and nearly full costs a tenth", () => {
  const limiter = new RateLimiter({ requestsPerMinute: 6000, audioMinutesPerMinute: 200 });
  limiter.handleAnswer(0, {
    status: 200,
    headers: { "x-ratelimit-limit-requests": "10", "x-ratelimit-over-limit": "yes" },
  });
  const waits = Array.from({ length: 10 }, () => limiter.take(1));
  expect([limiter.share, waits.filter((wait) => wait === 0).length]).toEqual([0.9, 9]);
});

test("never less than a 64th, and never nothing", () => {
  const limiter = new RateLimiter({ requestsPerMinute: 10, audioMinutesPerMinute: 200 });
  for (let now = 0; now < 20_000; now += 2000) {
    limiter.handleAnswer(now, { status: 429, headers: {} });
  }
  expect([limiter.share, limiter.take(20_000)]).toEqual([1 / 64, 0]);
});

test("a limit of nothing is refused", () => {
  expect(() => new RateLimiter({ requestsPerMinute: 0, audioMinutesPerMinute: 1 })).toThrow(
    "Cannot limit the rate: requestsPerMinute must be above 0, got 0",
  );
});

test("minutes are read from WAV and FLAC headers and guessed otherwise", () => {
  const wav = new Uint8Array(64);
  wav.set(new TextEncoder().encode("RIFF"));
  wav.set(new TextEncoder().encode("WAVEfmt "), 8);
  new DataView(wav.buffer).setUint32(28, 32_000, true);
  const flac = new Uint8Array(64);
  flac.set(new TextEncoder().encode("fLaC"));
  new DataView(flac.buffer).setUint32(18, 16_000 * 4096);
  new DataView(flac.buffer).setUint32(22, 16_000 * 90);
  expect([
    guessMinutes(wav, 32_000 * 120),
    guessMinutes(flac, 5000),
    guessMinutes(new Uint8Array(0), 960_000),
  ]).toEqual([2, 1.5, 1]);
});
