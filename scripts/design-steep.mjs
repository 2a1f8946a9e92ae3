// Designs the steep filter from 24 to 16 kHz: the fewest taps for its limits, by the Remez exchange
// (T. W. Parks, J. H. McClellan, "Chebyshev approximation for nonrecursive digital filters with
// linear phase", 1972). Its taps lie at 48 kHz and are symmetric; half of them are written.
//   node scripts/design-steep.mjs           writes src/resample/core/steep-taps.ts
//   node scripts/design-steep.mjs --print   prints the taps of a fresh design instead
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const RATE = 48_000;
/** Taps to either side of the middle one. */
const REACH = 224;
const decibels = (value) => 10 ** (value / 20);
/** Flat to 7 kHz; nearly so to where the slope begins, which keeps 7.6 kHz within 3 dB; gone from 8.05 kHz. */
const BANDS = [
  { from: 0, to: 7_000, gain: 1, ripple: decibels(0.00015) - 1 },
  { from: 7_020, to: 7_460, gain: 1, ripple: decibels(0.04) - 1 },
  { from: 8_050, to: RATE / 2, gain: 0, ripple: decibels(-126) },
];
const POINTS_PER_TAP = 20;

/** Points on the axis x = cos(2 pi f) at which the error is looked at. */
function gridOf(bands, reach) {
  const total = bands.reduce((sum, { from, to }) => sum + to - from, 0);
  return bands.flatMap(({ from, to, gain, ripple }) => {
    const steps = Math.max(8, Math.round(((to - from) / total) * reach * POINTS_PER_TAP));
    return Array.from({ length: steps + 1 }, (_, i) => {
      const x = Math.cos((2 * Math.PI * (from + ((to - from) * i) / steps)) / RATE);
      return { x, gain, ripple, first: i === 0, last: i === steps };
    });
  });
}

const sign = (i) => (i % 2 === 0 ? 1 : -1);

/** The polynomial through the extremes whose error there is alternately plus and minus one ripple's share. */
function through(extremes) {
  const xs = extremes.map(({ x }) => x);
  const weights = xs.map((x, i) =>
    xs.reduce((product, other, j) => (i === j ? product : product / (2 * (x - other))), 1),
  );
  const sums = extremes.map(({ gain, ripple }, i) => [
    weights[i] * gain,
    sign(i) * weights[i] * ripple,
  ]);
  const share = sums.reduce((s, [g]) => s + g, 0) / sums.reduce((s, [, r]) => s + r, 0);
  const ys = extremes.map(({ gain, ripple }, i) => gain - sign(i) * share * ripple);
  // One point more than the polynomial needs: the last is left out.
  const last = xs.length - 1;
  const barycentric = weights.slice(0, last).map((weight, i) => weight * (xs[i] - xs[last]));
  const valueAt = (x) => {
    let [above, below] = [0, 0];
    for (let i = 0; i < last; i++) {
      const distance = x - xs[i];
      if (Math.abs(distance) < 1e-15) return ys[i];
      above += (barycentric[i] / distance) * ys[i];
      below += barycentric[i] / distance;
    }
    return above / below;
  };
  return { share: Math.abs(share), valueAt };
}

/** The places of the alternating extremes of the error, the smallest at the ends left out. */
function extremesOf(errors, grid, count) {
  const places = [];
  errors.forEach((error, i) => {
    const before = grid[i].first ? 0 : errors[i - 1];
    const after = grid[i].last ? 0 : errors[i + 1];
    const size = Math.abs(error);
    if (size < Math.sign(error) * before || size <= Math.sign(error) * after) return;
    const previous = places.at(-1);
    if (previous === undefined || Math.sign(errors[previous]) !== Math.sign(error)) places.push(i);
    else if (Math.abs(errors[previous]) < size) places[places.length - 1] = i;
  });
  while (places.length > count) {
    const [first, last] = [places[0], places.at(-1)];
    if (Math.abs(errors[first]) < Math.abs(errors[last])) places.shift();
    else places.pop();
  }
  if (places.length < count) throw new Error(`the exchange lost extremes: ${places.length}`);
  return places;
}

function design(reach) {
  const grid = gridOf(BANDS, reach);
  const count = reach + 2;
  let places = Array.from({ length: count }, (_, i) =>
    Math.round((i * (grid.length - 1)) / (count - 1)),
  );
  for (let round = 0; round < 100; round++) {
    const { share, valueAt } = through(places.map((i) => grid[i]));
    const errors = grid.map(({ x, gain, ripple }) => (gain - valueAt(x)) / ripple);
    const worst = errors.reduce((most, error) => Math.max(most, Math.abs(error)), 0);
    if (worst < share * 1.0001) return { worst, taps: tapsOf(valueAt, reach) };
    places = extremesOf(errors, grid, count);
  }
  throw new Error("the exchange did not settle");
}

/** The taps from the middle outwards, from as many values of the response around the circle. */
function tapsOf(valueAt, reach) {
  const around = 2 * reach + 1;
  const values = Array.from({ length: reach + 1 }, (_, k) =>
    valueAt(Math.cos((2 * Math.PI * k) / around)),
  );
  return Array.from({ length: reach + 1 }, (_, n) => {
    const rest = values
      .slice(1)
      .reduce((sum, value, k) => sum + value * Math.cos((2 * Math.PI * (k + 1) * n) / around), 0);
    return (values[0] + 2 * rest) / around;
  });
}

const { worst, taps } = design(REACH);
const numbers = taps.map((tap) => Number(tap.toFixed(12)));
if (process.argv.includes("--print")) {
  process.stdout.write(JSON.stringify(numbers));
} else {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const lines = [
    "// Generated by scripts/design-steep.mjs; a test designs the filter again and compares.",
    "/** The steep filter at 48 kHz: its middle tap and those to one side. */",
    `export const STEEP_TAPS: readonly number[] = [${numbers.join(", ")}];`,
  ];
  writeFileSync(join(root, "src/resample/core/steep-taps.ts"), `${lines.join("\n")}\n`);
  process.stdout.write(`${2 * REACH + 1} taps, ${worst.toFixed(3)} of the allowed ripples\n`);
}
