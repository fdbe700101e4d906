/**
 * The optimum of an option, of every row of a law and of the mean of all, as in programme.py: a first look at a grid,
 * Newton's steps from there, and a second look along the epochs. Where a law knows overfitting the whole budget may be
 * too much, and then the share that is spent is a variable too.
 */

import { minimise } from "./optimum.js";
import { AMOUNTS, at, but, IDLE, loss, MARGIN } from "./programme.js";

const ALONG = 25, AGAIN = 33, TEXT = 9; // points of the first look at a piece, along the epochs and along each lever
const SPARED = [0.1, 0.3, 0.6, 1, 1.6, 2.5, 4, 7, IDLE]; // of the budget, in logarithms, at a look for thrift
const LESS = 0.999, NEAR = 0.003, REACH = 6.5;
const ROWS = 64; // that are solved before the page may breathe

/** Places along the epochs, dense at the corners, near which a law may have a shallow hollow. */
const dense = (share) => share ** 2 * (3 - 2 * share);

/** The first look at a piece: the best point of a grid. */
function look(part, value) {
  const axes = part.high.map((high, i) => {
    const count = i ? TEXT : ALONG;
    return Array.from({ length: count }, (_, place) => high * (i ? place / (count - 1) : dense(place / (count - 1))));
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
 * A point along the epochs that is lower than an optimum, or a hollow between the ends that is nearly as low; null if
 * there is none. With thrift the lowest point over what is spent too, off one epoch, where laws that know overfitting
 * have an optimum of their own.
 */
function below(problem, part, value, best) {
  if (!problem.thrifty) return elsewhere(part, value, best);
  let least = Infinity, found = null;
  over(problem, part, best.at.slice(1, 1 + problem.open.length), (x) => {
    if (x[0] === 0) return false;
    const here = value(x);
    if (here < least) [least, found] = [here, x.slice(0, best.at.length)];
    return false;
  });
  return found;
}

function elsewhere(part, value, best) {
  const seen = [], x = best.at.slice();
  for (let place = 0; place < AGAIN; place++) {
    x[0] = part.width * dense(place / (AGAIN - 1));
    seen.push(value(x));
  }
  let least = 0, hollow = -1;
  for (let place = 1; place < AGAIN; place++) {
    if (seen[place] < seen[least]) least = place;
    if (place === AGAIN - 1 || !(seen[place] < seen[place - 1] && seen[place] <= seen[place + 1])) continue;
    if (hollow < 0 || seen[place] < seen[hollow]) hollow = place;
  }
  let taken = seen[least] < best.value * (1 - MARGIN) ? least : -1;
  if (taken < 0 && hollow >= 0 && seen[hollow] < best.value * (1 + NEAR) && Math.abs(hollow - least) > 1) taken = hollow;
  if (taken < 0) return null;
  x[0] = part.width * dense(taken / (AGAIN - 1));
  return x;
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
