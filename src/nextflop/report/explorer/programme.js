/**
 * The constrained problem of an option, as in programme.py: least loss over parameters and added text, the budget met
 * exactly. The first variable runs along the epochs, from the most parameters to the fewest, in pieces between the corners
 * at one epoch and at the largest model; where less than the budget would be better, the last is what is left idle.
 */

import { text, usable } from "./situation.js";

/** In logarithms, the most that is left of a budget. */
export const IDLE = 23;
const FEWER = 35, FEWEST = 7; // of the most tokens at a size: steps, and how far down in logarithms

/** Share of a value that is rounding. */
export const MARGIN = 1e-12;

const FEWEST_TOKENS = 1e3, FEWEST_PARAMS = 1e2, NARROW = 1e-9, UNIT = 1e9, PIECES = 3;

/** What is kept of a way to spend. */
export const AMOUNTS = ["params", "tokens", "epochs", "raw", "worth", "training", "inference", "text", "unspent"];

/**
 * @param {object} given see situation.js
 * @param {object[]} owned the sources that are used; empty where data are no constraint
 * @param {object} more `open` levers, `mostEpochs` that any token may be seen, factors on the `budget` and on the `stock`,
 *   and whether it is `thrifty`: whether less than the budget may be spent
 */
export function programme(given, owned, { open = [], mostEpochs = Infinity, budget = 1, stock = 1, thrifty = false } = {}) {
  const used = owned.reduce((all, one) => all + one.epochs_used * usable(one) * one.quality, 0);
  const made = { given, owned, open, mostEpochs, budget, stock, thrifty, flop: given.flop * budget, used };
  made.fixed = open.length ? null : textAt(made, [], 0);
  if (made.fixed) made.fixed.u = Math.log(made.fixed.worth);
  const every = Array.from({ length: PIECES }, (_, index) => piece(made, index));
  const wide = every.filter((one) => one.width > NARROW);
  made.pieces = wide.length ? wide : every.slice(-1);
  return made;
}

/** The same problem with some of `more` changed. */
export const but = (problem, more) => programme(problem.given, more.owned ?? problem.owned, { ...problem, ...more });

function textAt(problem, z, from) {
  if (!problem.owned.length) return { raw: UNIT, worth: UNIT, cost: 0 };
  return text(problem.owned, problem.open, problem.stock, z, from);
}

const clip = (value, low, high) => Math.min(Math.max(value, low), high);

/** FLOP left beside the text, and the corners along the epochs, in logarithms. */
function ends(problem, data, idle) {
  const { k, serving, mostParams, fewestParams, mostTokens = Infinity, fewestTokens = 0 } = problem.given;
  const spare = problem.flop * Math.exp(-idle) - data.cost, left = spare > 0 ? spare : NaN;
  const largest = Math.max((left / mostParams - serving) / k, FEWEST_TOKENS);
  const most = (left / Math.max(fewestParams, FEWEST_PARAMS) - serving) / k;
  const high = Math.min(Math.log(most / data.raw), Math.log(problem.mostEpochs), Math.log(mostTokens / data.worth));
  const low = Math.min(Math.log(Math.max(FEWEST_TOKENS / data.raw, fewestTokens / data.worth)), high);
  const corner = clip(Math.log(largest / data.raw), low, high);
  const once = problem.owned.length ? clip(0, low, high) : low;
  return { left, corners: [low, Math.min(once, corner), Math.max(once, corner), high] };
}

function piece(problem, index) {
  const { open, thrifty } = problem;
  const boxes = open.reduce((found, lever) => found.flatMap((z) => [[...z, 0], [...z, lever.most]]), [[]]);
  const widths = boxes.flatMap((z) =>
    (thrifty ? [0, IDLE] : [0]).map((idle) => {
      const { corners } = ends(problem, textAt(problem, z, 0), idle);
      return corners[index + 1] - corners[index];
    }),
  );
  const width = Math.max(NARROW, ...widths.filter((value) => !Number.isNaN(value)));
  const high = [width, ...open.map((lever) => lever.most), ...(thrifty ? [IDLE] : [])];
  const fixed = problem.fixed && !thrifty ? ends(problem, problem.fixed, 0) : null;
  return { index, width, low: high.map(() => 0), high, fixed };
}

/** Where the budget goes at a point of a piece. */
export function at(problem, part, x, found) {
  const data = problem.fixed ?? textAt(problem, x, 1);
  const { left, corners } = part.fixed ?? ends(problem, data, problem.thrifty ? x[x.length - 1] : 0);
  const low = corners[part.index], high = corners[part.index + 1];
  return spending(problem, data, left, low + (x[0] / part.width) * (high - low), found);
}

/** Where the budget goes; n, d and u are what laws are told: logarithms of parameters, tokens and unique ones. */
function spending(problem, data, left, logEpochs, found) {
  const { k, serving, mostParams } = problem.given;
  found.epochs = Math.exp(logEpochs);
  found.tokens = data.raw * found.epochs;
  found.params = Math.min(left / (k * found.tokens + serving), mostParams);
  found.raw = data.raw;
  found.worth = data.worth;
  found.training = k * found.params * found.tokens;
  found.inference = serving * found.params;
  found.text = data.cost;
  const unspent = problem.flop - found.text - found.training - found.inference;
  found.unspent = unspent < MARGIN * problem.flop ? 0 : unspent;
  found.n = Math.log(found.params);
  found.u = data.u ?? Math.log(data.worth);
  found.d = problem.used ? Math.log(data.worth * found.epochs + problem.used) : found.u + logEpochs;
  return found;
}

/** The size at which the whole budget goes into one epoch, with levers set at z. */
export function ofOneEpoch(problem, z) {
  const data = problem.fixed ?? textAt(problem, z, 0);
  return ends(problem, data, 0).left / (problem.given.k * data.raw + problem.given.serving);
}

/**
 * Ways to spend at given parameters, with levers set at z: the whole budget and ever fewer of its tokens, the epochs of the
 * decision, and one epoch; none beyond what the limits allow.
 */
export function sparing(problem, params, z, own) {
  const data = problem.fixed ?? textAt(problem, z, 0);
  const { left, corners } = ends(problem, data, 0);
  const { k, serving, mostParams } = problem.given;
  const most = Math.min(Math.log((left / params - serving) / k / data.raw), corners[PIECES]);
  if (!(params <= mostParams * (1 + 1e-9) && most >= corners[0] - 1e-9)) return null;
  const at = (logEpochs) => ({ ...spending(problem, data, left, logEpochs, {}), params, n: Math.log(params) });
  const fewer = Array.from({ length: FEWER + 1 }, (_, place) => at(most - (FEWEST * place) / FEWER));
  return { fewer, own: at(Math.min(Math.log(own), most)), once: at(Math.min(0, most)) };
}

/** What a row of a law predicts for a way to spend. */
export function loss(law, row, spent) {
  const value = law.loss(law.p, row * law.width, spent.n, spent.d, spent.u);
  return value < Infinity ? value : Infinity;
}
