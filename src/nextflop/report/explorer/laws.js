/**
 * The families of laws that a budget can be split by, as in `nextflop.laws`.
 *
 * A family lists its `fields` in the order of the draws, says whether it `repeats` (tells unique tokens from all tokens)
 * and whether it is `monotone` (more parameters or tokens never hurt), turns a row of parameters into what `loss`
 * computes with, amplitudes as logarithms, and gives the loss at the logarithms of parameters n, tokens d and unique
 * tokens u; `at` is where the row begins in `p`.
 */

const { exp, expm1, log, log1p, max, min } = Math;
const FARTHEST = 200; // as in data_constrained.py
const FASTEST = 20; // as in farseer.py

/** The logarithm of an effective amount: what exceeds the base is worth ever less. */
function effective(base, amount, decay) {
  if (!(amount > base)) return amount;
  return base + log1p(-decay * expm1(-expm1(amount - base) / decay));
}

/** (x^g - 1) / g from log x; the logarithm at g = 0. */
function grown(logX, growth) {
  const z = growth * logX;
  return z === 0 ? logX : (logX * expm1(z)) / z;
}

export const FAMILIES = {
  chinchilla: {
    fields: ["E", "A", "B", "alpha", "beta"],
    repeats: false,
    monotone: true,
    row: ([E, A, B, alpha, beta]) => [E, log(A), log(B), alpha, beta],
    loss: (p, at, n, d) => p[at] + exp(p[at + 1] - p[at + 3] * n) + exp(p[at + 2] - p[at + 4] * d),
  },
  "data-constrained": {
    fields: ["E", "A", "B", "alpha", "beta", "R_D", "R_N"],
    repeats: true,
    monotone: true,
    row: ([E, A, B, alpha, beta, R_D, R_N]) => [
      E, log(A), log(B), alpha, beta, R_D, R_N, (log(alpha * A) - log(beta * B)) / (alpha + beta),
    ],
    loss(p, at, n, d, u) {
      const alpha = p[at + 3], beta = p[at + 4], G = p[at + 7];
      const pool = min(u, d);
      const best = max(-FARTHEST, min(FARTHEST, (beta / alpha) * (pool + G) + G));
      const size = effective(best, n, p[at + 6]), data = effective(pool, d, p[at + 5]);
      return p[at] + exp(p[at + 1] - alpha * size) + exp(p[at + 2] - beta * data);
    },
  },
  "overfit-penalty": {
    fields: ["E", "A", "B", "P", "alpha", "beta", "delta", "kappa"],
    repeats: true,
    row: ([E, A, B, P, ...exponents]) => [E, log(A), log(B), log(P), ...exponents],
    loss(p, at, n, d, u) {
      const penalty = d > u ? exp(p[at + 3] + p[at + 6] * log(expm1(d - u)) + p[at + 7] * (n - u)) : 0;
      return p[at] + exp(p[at + 1] - p[at + 4] * n) + exp(p[at + 2] - p[at + 5] * d) + penalty;
    },
  },
  bounded: {
    fields: ["E", "L0", "a", "alpha", "b", "beta", "c", "gamma", "delta"],
    repeats: true,
    row: ([E, L0, a, alpha, b, beta, c, gamma, delta]) => [
      E, L0, log(a), alpha, log(b), beta, log(c), gamma, delta,
    ],
    loss(p, at, n, d, u) {
      const short =
        exp(p[at + 2] - p[at + 3] * n) +
        exp(p[at + 4] - p[at + 5] * d) +
        exp(p[at + 6] + p[at + 7] * n - p[at + 8] * u);
      const left = short / (1 + short);
      return p[at] * (1 - left) + p[at + 1] * left;
    },
  },
  skaling: {
    fields: ["E", "A", "R", "alpha", "beta", "k"],
    repeats: false,
    monotone: true,
    row: ([E, A, R, alpha, beta, k]) => [E, log(A), log(R), alpha, beta, k],
    loss(p, at, n, d) {
      const short = exp(-p[at + 3] * n) + exp(p[at + 2] - p[at + 4] * d);
      return p[at] + exp(p[at + 1] + p[at + 5] * log(short));
    },
  },
  farseer: {
    fields: ["S", "s", "q", "Q", "B", "b", "E", "A", "a"],
    repeats: false,
    row: (values) => values,
    loss(p, at, n, d) {
      const offset = p[at] + p[at + 1] * grown(n, p[at + 2]);
      const amplitude = p[at + 3] + p[at + 4] * grown(n, p[at + 5]);
      const rate = exp(min(p[at + 6] + p[at + 7] * grown(n, p[at + 8]), FASTEST));
      return exp(offset) + exp(amplitude - rate * d);
    },
  },
  kaplan: {
    fields: ["N_c", "D_c", "alpha_N", "alpha_D"],
    repeats: false,
    monotone: true,
    row: ([N_c, D_c, alpha_N, alpha_D]) => [log(N_c), log(D_c), alpha_N, alpha_D],
    loss(p, at, n, d) {
      const power = p[at + 3];
      const small = (p[at + 2] / power) * (p[at] - n), brief = p[at + 1] - d;
      const top = max(small, brief);
      return exp(power * (top + log(exp(small - top) + exp(brief - top))));
    },
  },
};

/**
 * A law of the plan: its family and its rows, the estimate first, then the draws.
 *
 * @param {{name: string, family: string, weight: number, scatter: number}} about
 * @param {ArrayLike<number>} values rows in the order of the family's fields, one after another
 */
export function member(about, values) {
  const family = FAMILIES[about.family];
  const fields = family.fields.length;
  const rows = values.length / fields;
  const derived = [];
  for (let row = 0; row < rows; row++) {
    derived.push(family.row(Array.from(values.slice(row * fields, (row + 1) * fields))));
  }
  const width = derived[0].length;
  const { loss, repeats, monotone = false } = family;
  return { ...about, rows, width, loss, repeats, monotone, p: Float64Array.from(derived.flat()) };
}

/** A law with its estimate and an even choice of its draws, for a first answer. */
export function thinned(law, draws) {
  if (law.rows - 1 <= draws) return law;
  const kept = [0, ...Array.from({ length: draws }, (_, index) => 1 + Math.floor(((index + 0.5) * (law.rows - 1)) / draws))];
  const p = new Float64Array(kept.length * law.width);
  kept.forEach((row, place) => p.set(law.p.subarray(row * law.width, (row + 1) * law.width), place * law.width));
  return { ...law, rows: kept.length, p };
}
