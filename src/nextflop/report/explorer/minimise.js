/** The least value of one function of few variables within a box: projected Newton steps, as in minimise.py. */

const STEP = 1e-3, STEPS = 60, SWEEPS = 40, LONGEST = 1.5, FLAT = 1e-4, DONE = 1e-6;
const SHRINK = [1, 0.5, 0.25, 0.06, 0.01, 1e-3];

const clip = (value, low, high) => Math.min(Math.max(value, low), high);

/**
 * @param {(x: number[]) => number} f smooth; NaN or Infinity where it has no value
 * @param {number[]} start
 * @param {number[]} low
 * @param {number[]} high
 * @returns {{at: number[], value: number}}
 */
export function minimise(f, start, low, high) {
  if (start.length === 1) return alone(f, start[0], low[0], high[0]);
  let at = start.map((value, i) => clip(value, low[i], high[i]));
  let here = f(at);
  for (let turn = 0; turn < STEPS; turn++) {
    // Differences are taken just inside the box, for at a bound a law may have a corner.
    const centre = at.map((value, i) => {
      const inner = Math.min(STEP, (high[i] - low[i]) / 2);
      return clip(value, low[i] + inner, high[i] - inner);
    });
    const step = newton(derivatives(f, centre), centre, low, high).map((value, i) => value - at[i]);
    if (!step.every(Number.isFinite)) break;
    let moved = 0, found = false;
    for (const share of SHRINK) {
      const tried = at.map((value, i) => value + share * step[i]);
      const value = f(tried);
      if (value <= here) {
        moved = Math.max(...step.map((part) => Math.abs(share * part)));
        [at, here, found] = [tried, value, true];
        break;
      }
    }
    if (!found || moved < DONE) break;
  }
  return { at, value: Number.isNaN(here) ? Infinity : here };
}

/** The same along one variable. */
function alone(f, start, low, high) {
  const x = [0];
  const of = (place) => ((x[0] = place), f(x));
  const inner = Math.min(STEP, (high - low) / 2);
  let at = clip(start, low, high), here = of(at);
  for (let turn = 0; turn < STEPS; turn++) {
    const centre = clip(at, low + inner, high - inner);
    const middle = of(centre), up = of(centre + STEP), down = of(centre - STEP);
    const bend = Math.max(Math.abs((up - 2 * middle + down) / STEP ** 2), 1e-12);
    const newton = centre - (up - down) / (2 * STEP) / bend;
    const step = clip(newton, Math.max(low, centre - LONGEST), Math.min(high, centre + LONGEST)) - at;
    if (!Number.isFinite(step)) break;
    const share = SHRINK.find((one) => of(at + one * step) <= here);
    if (share === undefined) break;
    at += share * step;
    here = of(at);
    if (Math.abs(share * step) < DONE) break;
  }
  return { at: [at], value: Number.isNaN(here) ? Infinity : here };
}

function derivatives(f, at) {
  const size = at.length, x = at.slice(), centre = f(x);
  const gradient = new Array(size), bend = at.map(() => new Array(size));
  for (let i = 0; i < size; i++) {
    x[i] = at[i] + STEP;
    const up = f(x);
    x[i] = at[i] - STEP;
    const down = f(x);
    x[i] = at[i];
    gradient[i] = (up - down) / (2 * STEP);
    bend[i][i] = (up - 2 * centre + down) / STEP ** 2;
  }
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < i; j++) {
      x[i] = at[i] + STEP;
      x[j] = at[j] + STEP;
      const mixed = (f(x) - centre) / STEP ** 2 - (gradient[i] + gradient[j]) / STEP;
      x[i] = at[i];
      x[j] = at[j];
      bend[i][j] = bend[j][i] = mixed - (bend[i][i] + bend[j][j]) / 2;
    }
  }
  return { gradient, bend };
}

/** Where the quadratic about `at` is least within the box and within reach: Gauss-Seidel, projected. */
function newton({ gradient, bend }, at, low, high) {
  const size = at.length;
  const curve = upright(bend);
  const step = at.map(() => 0);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let change = 0;
    for (let i = 0; i < size; i++) {
      let rest = gradient[i];
      for (let j = 0; j < size; j++) if (j !== i) rest += curve[i][j] * step[j];
      const next = clip(-rest / curve[i][i], Math.max(low[i] - at[i], -LONGEST), Math.min(high[i] - at[i], LONGEST));
      change = Math.max(change, Math.abs(next - step[i]));
      step[i] = next;
    }
    if (change < 1e-7) break;
  }
  return step.map((value, i) => at[i] + value);
}

/** A symmetric matrix with its eigenvalues made positive, by Jacobi's rotations. */
function upright(matrix) {
  const size = matrix.length;
  const a = matrix.map((row) => row.slice());
  const ways = a.map((_, i) => a.map((_, j) => (i === j ? 1 : 0)));
  if (!a.flat().every(Number.isFinite)) return a;
  for (let sweep = 0; sweep < 30; sweep++) {
    let off = 0, on = 0;
    for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) i === j ? (on += a[i][i] ** 2) : (off += a[i][j] ** 2);
    if (off <= 1e-24 * on || off === 0) break;
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        if (a[i][j] === 0) continue;
        const theta = (a[j][j] - a[i][i]) / (2 * a[i][j]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1), s = t * c;
        for (let k = 0; k < size; k++) [a[k][i], a[k][j]] = [c * a[k][i] - s * a[k][j], s * a[k][i] + c * a[k][j]];
        for (let k = 0; k < size; k++) [a[i][k], a[j][k]] = [c * a[i][k] - s * a[j][k], s * a[i][k] + c * a[j][k]];
        for (const way of ways) [way[i], way[j]] = [c * way[i] - s * way[j], s * way[i] + c * way[j]];
      }
    }
  }
  const sizes = a.map((row, i) => Math.abs(row[i]));
  const floor = FLAT * Math.max(...sizes) + 1e-12;
  const curves = sizes.map((value) => Math.max(value, floor));
  return a.map((_, i) => a.map((_, j) => curves.reduce((sum, curve, k) => sum + ways[i][k] * curve * ways[j][k], 0)));
}
