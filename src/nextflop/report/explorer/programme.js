/**
 * The constrained problem of an option, as in programme.py: least loss over parameters and added text, the budget met
 * exactly. The first variable runs along the epochs, from the most parameters to the fewest, in pieces between the corners
 * at one epoch and at the largest model; where less than the budget would be better, the last is what is left idle.
 */

import { minimise } from "./optimum.js";
import { text, usable } from "./situation.js";

const FEWEST_TOKENS = 1e3, FEWEST_PARAMS = 1e2, ALONG = 25, TEXT = 9, MARGIN = 1e-12, NARROW = 1e-9, UNIT = 1e9;
const PIECES = 3, IDLE = 12, LESS = 0.999, NEAR = 0.003, REACH = 6.5;
const ROWS = 64; // that are solved before the page may breathe
const SPARED = [0.1, 0.3, 0.6, 1, 1.6, 2.5, 4, 7, IDLE]; // of the budget, in logarithms, at a look for thrift

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
  const { k, serving, mostParams, fewestParams } = problem.given;
  const spare = problem.flop * Math.exp(-idle) - data.cost, left = spare > 0 ? spare : NaN;
  const largest = Math.max((left / mostParams - serving) / k, FEWEST_TOKENS);
  const most = (left / Math.max(fewestParams, FEWEST_PARAMS) - serving) / k;
  const high = Math.min(Math.log(most / data.raw), Math.log(problem.mostEpochs));
  const low = Math.min(Math.log(FEWEST_TOKENS / data.raw), high);
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
function at(problem, part, x, found) {
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

/** Where the budget goes at given parameters, with levers set at z; null beyond what the limits allow. */
export function along(problem, params, z) {
  const data = problem.fixed ?? textAt(problem, z, 0);
  const { left, corners } = ends(problem, data, 0);
  const logEpochs = Math.log((left / params - problem.given.serving) / problem.given.k / data.raw);
  const inside = params <= problem.given.mostParams * (1 + 1e-9) && logEpochs >= corners[0] - 1e-9;
  return inside && logEpochs <= corners[PIECES] + 1e-9 ? spending(problem, data, left, logEpochs, {}) : null;
}

/** What a row of a law predicts for a way to spend. */
export function loss(law, row, spent) {
  const value = law.loss(law.p, row * law.width, spent.n, spent.d, spent.u);
  return value < Infinity ? value : Infinity;
}

/** The first look at a piece: the best point of a grid. */
function look(part, value) {
  const axes = part.high.map((high, i) => {
    const count = i ? TEXT : ALONG;
    return Array.from({ length: count }, (_, place) => (high * place) / (count - 1));
  });
  let best = part.low, least = Infinity;
  const walk = (x, i) => {
    if (i === axes.length) {
      const found = value(x);
      if (found < least) [best, least] = [x.slice(), found];
      return;
    }
    for (const place of axes[i]) {
      x[i] = place;
      walk(x, i + 1);
    }
  };
  walk(part.low.slice(), 0);
  return best;
}

/**
 * The optimum of every row of a law; yields now and then.
 *
 * @returns {Generator<void, {loss: Float64Array, spent: Object<string, Float64Array>}>}
 */
export function* solve(problem, law) {
  const found = { loss: new Float64Array(law.rows).fill(Infinity), spent: {}, z: [] };
  for (const name of AMOUNTS) found.spent[name] = new Float64Array(law.rows).fill(NaN);
  const rows = Array.from({ length: law.rows }, (_, row) => row);
  const wasteful = yield* search(problem, law, rows, found, true);
  const other = but(problem, { thrifty: true });
  const first = (spent) => loss(law, 0, spent);
  if (!law.monotone && overfits(other, first, found.z[0])) {
    const spent = {};
    for (const row of rows) {
      if (row % ROWS === 0) yield;
      if (!wasteful.has(row) && saves(other, (some) => loss(law, row, some), found.z[row], found.loss[row], spent)) wasteful.add(row);
    }
  }
  if (wasteful.size) yield* search(other, law, rows.filter((row) => wasteful.has(row)), found, false);
  return found;
}

/**
 * Solves some rows in every piece, and keeps what is lower than what was found; the first piece in any case. Returns the
 * rows for which it would be better not to spend everything at the optimum of any piece.
 */
function* search(problem, law, rows, found, anyway) {
  const spent = {}, wasteful = new Set();
  for (const [index, part] of problem.pieces.entries()) {
    const of = (row) => (x) => loss(law, row, at(problem, part, x, spent));
    const start = look(part, of(0));
    for (const [place, row] of rows.entries()) {
      if (place % ROWS === 0) yield;
      const value = of(row);
      let best = minimise(value, start, part.low, part.high);
      const lower = below(problem, part, value, best);
      if (lower) {
        const second = minimise(value, lower, part.low, part.high);
        if (second.value < best.value) best = second;
      }
      at(problem, part, best.at, spent);
      if (!problem.thrifty && less(problem, spent, (some) => loss(law, row, some), best.value)) wasteful.add(row);
      if (best.value < found.loss[row] || (anyway && index === 0)) {
        found.loss[row] = best.value;
        found.z[row] = best.at.slice(1, 1 + problem.open.length);
        for (const name of AMOUNTS) found.spent[name][row] = spent[name];
      }
    }
  }
  return wasteful;
}

/** Whether it would be better not to spend everything. */
function less(problem, spent, value, best) {
  const logs = { u: Math.log(spent.worth), n: Math.log(spent.params) };
  const d = (epochs) => Math.log(spent.worth * epochs + problem.used);
  const fewer = value({ ...logs, n: Math.log(LESS) + logs.n, d: d(spent.epochs) });
  const briefer = value({ ...logs, d: d(LESS * spent.epochs) });
  return Math.min(fewer, briefer) < best * (1 - MARGIN);
}

/**
 * A point along the epochs that is lower than an optimum; null if there is none. With thrift the lowest point over what
 * is spent too, off one epoch, where laws that know overfitting have an optimum of their own.
 */
function below(problem, part, value, best) {
  let least = problem.thrifty ? Infinity : best.value - MARGIN * Math.abs(best.value), found = null;
  over(problem, part, best.at.slice(1, 1 + problem.open.length), (x) => {
    if (problem.thrifty && x[0] === 0) return false;
    const here = value(x);
    if (here < least) [least, found] = [here, x.slice(0, best.at.length)];
    return false;
  });
  return found;
}

/** Visits points along the epochs, and with thrift over what is spent, at levers z, until told to stop. */
function over(problem, part, z, visit) {
  const x = [0, ...z];
  for (let place = 0; place < ALONG; place++) {
    x[0] = ((problem.thrifty ? Math.min(part.width, REACH) : part.width) * place) / (ALONG - 1);
    for (const spared of problem.thrifty ? SPARED : [0]) {
      x[1 + z.length] = spared;
      if (visit(x)) return;
    }
  }
}

/** Whether fewer tokens or fewer parameters are better anywhere, at levers z. */
function overfits(problem, value, z) {
  const spent = {};
  let found = false;
  for (const part of problem.pieces) {
    over(problem, part, z, (x) => {
      const here = value(at(problem, part, x, spent));
      return (found ||= less(problem, spent, value, here));
    });
  }
  return found;
}

/** Whether a look over lesser budgets sees something about as low as the optimum without thrift. */
function saves(problem, value, z, best, spent) {
  const enough = best * (1 + NEAR);
  let found = false;
  for (const part of problem.pieces) {
    over(problem, part, z, (x) => {
      return (found ||= value(at(problem, part, x, spent)) < enough);
    });
  }
  return found;
}

/**
 * The optimum of one function of the spending.
 *
 * @param {object} problem
 * @param {(spent: object) => number} mean the function, such as the mean of many laws
 * @param {(spent: object) => number} like one that is cheaper and has its optimum nearby, for the first look
 * @param {boolean} monotone whether more parameters or tokens never hurt
 */
export function least(problem, mean, like, monotone) {
  let best = null, wasteful = false;
  for (const part of problem.pieces) {
    const spent = {};
    const of = (value) => (x) => value(at(problem, part, x, spent));
    const found = minimise(of(mean), look(part, of(like)), part.low, part.high);
    at(problem, part, found.at, spent);
    wasteful ||= !problem.thrifty && less(problem, spent, mean, found.value);
    if (best === null || found.value < best.value) {
      const z = found.at.slice(1, 1 + problem.open.length);
      best = { value: found.value, spent: { ...spent }, z };
    }
  }
  if (problem.thrifty) return best;
  const thrifty = but(problem, { thrifty: true });
  const seen = () => !monotone && overfits(thrifty, like, best.z) && saves(thrifty, like, best.z, like(best.spent), {});
  if (!wasteful && !seen()) return best;
  const other = least(thrifty, mean, like, monotone);
  return other.value < best.value ? other : best;
}
