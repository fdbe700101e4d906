/**
 * The optimum of an option, of every row of a law and of the mean of all, as in programme.py: a first look at a grid,
 * Newton's steps from there, and a second look along the epochs. Where a law knows overfitting the whole budget may be
 * too much, and then the share that is spent is a variable too.
 */

import { minimise } from "./minimise.js";
import { AMOUNTS, at, but, coordinates, IDLE, loss, MARGIN, settings } from "./programme.js";

const ALONG = 25, AGAIN = 33, TEXT = 9, THRIFT = 47; // points of the looks at a piece, along each variable
const SPARED = [0.1, 0.3, 0.6, 1, 1.6, 2.5, 4, 7, 12, IDLE]; // of the budget, in logarithms, at a look for thrift
const LESS = 0.999, NEAR = 0.003, REACH = 6.5;
const SEEN = 3e-4; // of a loss, by which a look along the epochs misses the least
const ROWS = 64; // that are solved before the page may breathe

/** Places along the epochs, dense at the corners, near which a law may have a shallow hollow. */
const dense = (share) => share ** 2 * (3 - 2 * share);

/** The first look at a piece: the best point of a grid. */
function look(problem, part, value) {
  const axes = part.high.map((high, i) => {
    const count = i === 0 ? ALONG : problem.thrifty && i === part.high.length - 1 ? THRIFT : TEXT;
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
  const [first, ...others] = coordinates(problem);
  const found = yield* solveIn(first, law);
  for (const other of others) {
    const again = yield* solveIn(other, law);
    for (let row = 0; row < law.rows; row++) {
      if (!(again.loss[row] < found.loss[row])) continue;
      [found.loss[row], found.z[row]] = [again.loss[row], again.z[row]];
      for (const name of AMOUNTS) found.spent[name][row] = again.spent[name][row];
    }
  }
  return found;
}

/** The same in one kind of coordinates. */
function* solveIn(problem, law) {
  const found = { loss: new Float64Array(law.rows).fill(Infinity), spent: {}, z: [] };
  for (const name of AMOUNTS) found.spent[name] = new Float64Array(law.rows).fill(NaN);
  const rows = Array.from({ length: law.rows }, (_, row) => row);
  const wasteful = yield* search(problem, law, rows, found, true);
  const other = but(problem, { thrifty: true });
  const first = (spent) => loss(law, 0, spent);
  if (!law.monotone && overfits(other, first, found.z[0])) {
    for (const row of rows) {
      if (row % ROWS === 0) yield;
      if (!wasteful.has(row) && saves(other, (some) => loss(law, row, some), found.z[row])) wasteful.add(row);
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
    const start = look(problem, part, of(0));
    for (const [place, row] of rows.entries()) {
      if (place % ROWS === 0) yield;
      const value = of(row);
      const best = twice(problem, part, value, start);
      at(problem, part, best.at, spent);
      if (!problem.thrifty && less(problem, spent, (some) => loss(law, row, some), best.value)) wasteful.add(row);
      if (best.value < found.loss[row] || (anyway && index === 0)) {
        found.loss[row] = best.value;
        found.z[row] = settings(problem, best.at.slice(1, 1 + problem.open.length));
        for (const name of AMOUNTS) found.spent[name][row] = spent[name];
      }
    }
  }
  return wasteful;
}

/** The optimum that a start leads to, and that of a second look from there, should it be lower. */
function twice(problem, part, value, start) {
  const best = minimise(value, start, part.low, part.high);
  const lower = below(problem, part, value, best);
  if (!lower) return best;
  const second = minimise(value, lower, part.low, part.high);
  return second.value < best.value ? second : best;
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
  over(part, best.at.slice(1, 1 + problem.open.length), SPARED, (x, place) => {
    const here = place ? value(x) : Infinity;
    if (here < least) [least, found] = [here, x.slice()];
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

/** Visits points along the epochs and over what is spent, with thrift, at levers z: `visit(x, place, share)`. */
function over(part, z, spared, visit) {
  const x = [0, ...z, 0];
  for (let place = 0; place < AGAIN; place++) {
    x[0] = (Math.min(part.width, REACH) * place) / (AGAIN - 1);
    for (const [share, idle] of spared.entries()) {
      x[1 + z.length] = idle;
      visit(x, place, share);
    }
  }
}

/** Whether fewer tokens or fewer parameters are better anywhere, at levers z. */
function overfits(problem, value, z) {
  const spent = {};
  let found = false;
  for (const part of problem.pieces) {
    over(part, z, SPARED, (x) => {
      found ||= less(problem, spent, value, value(at(problem, part, x, spent)));
    });
  }
  return found;
}

/** Whether a lesser budget may have an optimum of its own: a little less is better somewhere, and so it goes on. */
function saves(problem, value, z) {
  return problem.pieces.some((part) => falls(problem, part, value, z) && spared(problem, part, value, z));
}

/** Whether a little less of the budget is better at any epochs beyond the corner. */
function falls(problem, part, value, z) {
  const spent = {}, whole = [], less = [];
  over(part, z, [0, SPARED[0]], (x, place, share) => {
    if (place) (share ? less : whole).push(value(at(problem, part, x, spent)));
  });
  return whole.some((here, place) => less[place] < here * (1 - MARGIN));
}

/** Whether a look over lesser budgets sees a value nearly as low as the best. */
function rivals(problem, part, value, best) {
  const spent = {}, here = value(best.spent) * (1 + SEEN);
  let found = false;
  over(part, best.z, SPARED, (x, place) => {
    found ||= place > 0 && value(at(problem, part, x, spent)) < here;
  });
  return found;
}

/** Whether the least loss falls again as the budget falls. */
function spared(problem, part, value, z) {
  const spent = {}, seen = SPARED.map(() => Infinity);
  over(part, z, SPARED, (x, place, share) => {
    if (place) seen[share] = Math.min(seen[share], value(at(problem, part, x, spent)));
  });
  return seen.some((here, share) => share > 0 && here < seen[share - 1] * (1 + SEEN));
}

/**
 * The optimum of one function of the spending.
 *
 * @param {object} problem
 * @param {(spent: object) => number} mean the function, such as the mean of many laws
 * @param {(spent: object) => number} like one that is cheaper and has its optimum nearby, for the first look
 * @param {(spent: object) => number} few one that is cheaper and has all of its hollows, to see whether less is better
 * @param {boolean} monotone whether more parameters or tokens never hurt
 */
export function least(problem, mean, like, few, monotone) {
  const found = coordinates(problem).map((one) => leastIn(one, mean, like, few, monotone));
  return found.reduce((a, b) => (b.value < a.value ? b : a));
}

/** The same in one kind of coordinates. */
function leastIn(problem, mean, like, few, monotone) {
  let best = null, wasteful = false;
  for (const part of problem.pieces) {
    const spent = {};
    const of = (value) => (x) => value(at(problem, part, x, spent));
    const found = twice(problem, part, of(mean), look(problem, part, of(like)));
    at(problem, part, found.at, spent);
    wasteful ||= !problem.thrifty && less(problem, spent, mean, found.value);
    if (best === null || found.value < best.value) {
      const z = settings(problem, found.at.slice(1, 1 + problem.open.length));
      best = { value: found.value, spent: { ...spent }, z };
    }
  }
  if (problem.thrifty) return best;
  const thrifty = but(problem, { thrifty: true });
  const seen = () => !monotone && overfits(thrifty, few, best.z) && thrifty.pieces.some((part) => rivals(thrifty, part, few, best));
  if (!wasteful && !seen()) return best;
  const other = leastIn(thrifty, mean, like, few, monotone);
  return other.value < best.value ? other : best;
}
