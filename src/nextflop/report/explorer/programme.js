/**
 * The constrained problem of an option, as in programme.py: least loss over parameters and added text, the budget met
 * exactly. The first variable runs along the epochs, from the most parameters to the fewest, in pieces between the corners
 * at one epoch and at the largest model; where less than the budget would be better, the last is what is left idle. A
 * deadline limits the training beside the budget; where it may bind the problem has other coordinates too, see `hurry`.
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
 * @param {object} more `open` levers, `mostEpochs` that any token may be seen, factors on the `budget`, on the `stock` and
 *   on the `time` before a deadline, whether it is `thrifty`: whether less than the budget may be spent, and whether it is
 *   `hurried`: in the coordinates in which the deadline binds
 */
export function programme(given, owned, more = {}) {
  const { open = [], mostEpochs = Infinity, budget = 1, stock = 1, time = 1, thrifty = false, hurried = false } = more;
  const used = owned.reduce((all, one) => all + one.epochs_used * usable(one) * one.quality, 0);
  const flop = given.flop * budget, training = Math.min(flop, given.mostTraining * time);
  const made = { given, owned, open, mostEpochs, budget, stock, time, thrifty, hurried, flop, training, used };
  made.fixed = open.length ? null : textAt(made, [], 0);
  if (made.fixed) made.fixed.u = Math.log(made.fixed.worth);
  const every = Array.from({ length: PIECES }, (_, index) => piece(made, index));
  const wide = every.filter((one) => one.width > NARROW);
  made.pieces = wide.length ? wide : every.slice(-1);
  return made;
}

/** The same problem with some of `more` changed. */
export const but = (problem, more) => programme(problem.given, more.owned ?? problem.owned, { ...problem, ...more });

/** The setting at which a lever costs so many FLOP. */
const reach = (lever, flop) => Math.log1p(flop / lever.cost / lever.scale);

/** The problem in each kind of coordinates: in a hurry, text is what the money beside the training buys. */
export function coordinates(problem) {
  const { open, flop, training, given } = problem;
  if (!(training < flop && (open.length || given.serving))) return [problem];
  const within = open.map((lever) => ({ ...lever, most: Math.min(lever.most, reach(lever, flop - training)) }));
  return [problem, but(problem, { hurried: true, open: within })];
}

/** The levers at some coordinates: in a hurry each within what those before it leave of the money. */
export function settings(problem, z) {
  if (!problem.hurried || problem.open.length < 2) return z;
  let rest = problem.flop - problem.training;
  return problem.open.map((lever, index) => {
    const found = Math.min(z[index], reach(lever, rest));
    rest = Math.max(rest - lever.scale * Math.expm1(found) * lever.cost, 0);
    return found;
  });
}

function textAt(problem, z, from) {
  if (!problem.owned.length) return { raw: UNIT, worth: UNIT, cost: 0 };
  const free = !problem.hurried || problem.open.length < 2;
  const set = free ? z : settings(problem, z.slice(from, from + problem.open.length));
  return text(problem.owned, problem.open, problem.stock, set, free ? from : 0);
}

const clip = (value, low, high) => Math.min(Math.max(value, low), high);

/** FLOP left beside the text, and the corners along the epochs, in logarithms. */
function ends(problem, data, idle) {
  const { mostParams, fewestParams, mostTokens = Infinity, fewestTokens = 0 } = problem.given;
  const spare = problem.flop * (problem.hurried ? 1 : Math.exp(-idle)) - data.cost, left = spare > 0 ? spare : NaN;
  const largest = Math.max(tokens(problem, mostParams, left, idle), FEWEST_TOKENS);
  const most = tokens(problem, Math.max(fewestParams, FEWEST_PARAMS), left, idle);
  const high = Math.min(Math.log(most / data.raw), Math.log(problem.mostEpochs), Math.log(mostTokens / data.worth));
  const low = Math.min(Math.log(Math.max(fewest(problem, left, idle) / data.raw, fewestTokens / data.worth)), high);
  const corner = clip(Math.log(largest / data.raw), low, high);
  const once = problem.owned.length ? clip(0, low, high) : low;
  return { left, corners: [low, Math.min(once, corner), Math.max(once, corner), high] };
}

/** The most tokens that some parameters can be trained on. */
function tokens({ given: { k, serving }, training }, params, left, idle = 0) {
  return Math.min((left / params - serving) / k, (training * Math.exp(-idle)) / k / params);
}

/** The fewest tokens of the search: in a hurry those whose model the rest of the money just serves. */
function fewest({ given: { k, serving }, training, hurried }, left, idle) {
  if (!hurried || !serving) return FEWEST_TOKENS;
  const taken = training * Math.exp(-idle);
  return Math.max((serving * taken) / k / Math.max(left - taken, 0), FEWEST_TOKENS);
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
  const idle = problem.thrifty ? x[x.length - 1] : 0;
  const { left, corners } = part.fixed ?? ends(problem, data, idle);
  const low = corners[part.index], high = corners[part.index + 1];
  return spending(problem, data, left, low + (x[0] / part.width) * (high - low), found, idle);
}

/** Where the budget goes; n, d and u are what laws are told: logarithms of parameters, tokens and unique ones. */
function spending(problem, data, left, logEpochs, found, idle = 0) {
  const { k, serving, mostParams } = problem.given;
  found.epochs = Math.exp(logEpochs);
  found.tokens = data.raw * found.epochs;
  const trained = k * found.tokens;
  found.params = Math.min(left / (trained + serving), (problem.training * Math.exp(-idle)) / trained, mostParams);
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
  const { k, serving } = problem.given;
  return Math.min(ends(problem, data, 0).left / (k * data.raw + serving), problem.training / (k * data.raw));
}

/**
 * Ways to spend at given parameters, with levers set at z: the whole budget and ever fewer of its tokens, the epochs of the
 * decision, and one epoch; none beyond what the limits allow.
 */
export function sparing(problem, params, z, own) {
  const data = problem.fixed ?? textAt(problem, z, 0);
  const { left, corners } = ends(problem, data, 0);
  const most = Math.min(Math.log(tokens(problem, params, left) / data.raw), corners[PIECES]);
  if (!(params <= problem.given.mostParams * (1 + 1e-9) && most >= corners[0] - 1e-9)) return null;
  const at = (logEpochs) => ({ ...spending(problem, data, left, logEpochs, {}), params, n: Math.log(params) });
  const fewer = Array.from({ length: FEWER + 1 }, (_, place) => at(most - (FEWEST * place) / FEWER));
  return { fewer, own: at(Math.min(Math.log(own), most)), once: at(Math.min(0, most)) };
}

/** What a row of a law predicts for a way to spend. */
export function loss(law, row, spent) {
  const value = law.loss(law.p, row * law.width, spent.n, spent.d, spent.u);
  return value < Infinity ? value : Infinity;
}
