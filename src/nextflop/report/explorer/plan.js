/** A plan at a setting of the sliders, computed from the laws' draws, as in plan.py. */

import { show } from "./amounts.js";
import { average, chances, firstBest, joined, lost, own, pool, weighted } from "./pooled.js";
import { along, AMOUNTS, but, loss, programme, sparing } from "./programme.js";
import { changed, levers, usable } from "./situation.js";
import { least, solve } from "./solve.js";

const TOGETHER = "together"; // the option that opens every lever
const SMALL = 1.01; // the factor behind a marginal value
const ROUNDING = 1e-8; // of a loss, up to which one per cent more money brings nothing
const POINTS = 81, FACTOR = 8; // of the regret curve

/**
 * Computes a plan; yields now and then, so that a page stays alive meanwhile.
 *
 * @param {object} planned what the page carries: situation, options, level, factor, allowed, smallest
 * @param {object[]} laws see laws.js
 * @param {object} setting see situation.js
 * @returns {Generator<void, object>} the plan, or `{why}` where there is none
 */
export function* plan(planned, laws, setting) {
  const given = changed(planned.situation, setting);
  if (given.flop < planned.smallest) return { why: tooLittle(given, planned) };
  const pooled = pool(laws, planned.worst), { level } = planned;
  const lowered = levers(given);
  const useless = lowered.find((lever) => !(lever.most > 0));
  if (useless) return { why: `Nothing of ${useless.source.name} can be used at this setting.` };
  const solved = [];
  for (const option of planned.options) {
    const open = lowered.filter((lever) => option.sources.includes(lever.source.name));
    const owned = given.owned.filter((source) => option.owned.includes(source.name));
    const found = yield* solvedBy(programme(given, owned, { open, mostEpochs: option.most_epochs }), pooled, option);
    if (!found) return { why: "This budget leaves nothing to train on after what serving and text cost." };
    solved.push(found);
  }
  const base = solved[0];
  // All levers together are never worse than one of them, so they are not ranked among them.
  const single = solved.filter((one) => one.code !== TOGETHER);
  const simple = [...solved].sort((a, b) => (a.code !== "once") - (b.code !== "once")); // of equals the simpler counts
  const believed = chances(pooled, simple.filter((one) => one.code !== TOGETHER).map((one) => one.each.loss));
  const chance = single.map((one) => believed[simple.indexOf(one)]);
  if (single.length < solved.length) chance.push(chance.reduce((all, value, place) => all + (single[place].problem.open.length ? value : 0), 0));
  const lowest = base.each.loss.map((_, row) => Math.min(...solved.map((one) => one.each.loss[row])));
  const typical = weighted(lowest, pooled.shares, level).value; // equal to within rounding is told by a share of the loss
  const means = simple.map((one) => typical + average(pooled, (_law, _row, place) => lost(pooled, one.loss[place], lowest[place])));
  const options = solved.map((one, index) => ({
    code: one.code,
    name: one.name,
    outcome: weighted(one.loss, pooled.shares, level),
    gain: weighted(base.loss.map((value, row) => value - one.loss[row]), pooled.shares, level),
    probability: chance[index],
    decision: one.decision.spent,
    added: Object.fromEntries(
      one.problem.open.map((lever, place) => [lever.source.name, lever.scale * Math.expm1(one.decision.z[place])]),
    ),
    by_law: Object.fromEntries(
      laws.map((law, place) => [
        law.name,
        Object.fromEntries(
          [["loss", one.each.loss], ...AMOUNTS.map((name) => [name, one.each.spent[name]])].map(([name, values]) => [
            name,
            own(pooled, place, values, level),
          ]),
        ),
      ]),
    ),
    regret: average(pooled, (_law, _row, place) => lost(pooled, one.loss[place], one.each.loss[place])),
  }));
  yield;
  const best = simple[firstBest(means)];
  const made = yield* units(base, pooled, planned);
  const prices = given.owned.length ? yield* tokenPrices(base, pooled, planned, lowered) : [];
  const curve = yield* regret(best, pooled, planned);
  return { given, laws, base: base.code, best: best.code, options, units: made, prices, regret: curve };
}

const tooLittle = ({ flop }, { smallest }) =>
  `The budget, ${show(flop, "FLOP")}, is below the smallest run that the laws were fitted to, ${show(smallest, "FLOP")}: give a budget of at least that.`;

/** The optimum of every row, and the one decision of least mean regret; null where a row has none. */
function* solvedBy(problem, pooled, { code, name }) {
  const each = yield* everyRow(problem, pooled);
  const typical = weighted(each.loss, pooled.shares, 0.9).value; // of which shares tell what is nearly the least
  const above = (law, row, place, spent) => lost(pooled, loss(law, row, spent), each.loss[place]);
  const mean = (spent) => typical + average(pooled, (law, row, place) => above(law, row, place, spent));
  const like = (spent) =>
    pooled.laws.reduce((all, law, index) => all + law.weight * above(law, 0, pooled.parts[index][0], spent), typical);
  const decision = least(problem, mean, like, pooled.laws.every((law) => law.monotone));
  yield;
  const { spent } = decision;
  const predicted = joined(pooled.laws.map((law) => Float64Array.from({ length: law.rows }, (_, row) => loss(law, row, spent))));
  const known = predicted.every((value, row) => Number.isFinite(value) || !pooled.shares[row]);
  return known ? { code, name, problem, each, decision, loss: predicted } : null;
}

function* everyRow(problem, pooled) {
  const found = [];
  for (const law of pooled.laws) {
    found.push(yield* solve(problem, law));
  }
  const spent = Object.fromEntries(AMOUNTS.map((name) => [name, joined(found.map((one) => one.spent[name]))]));
  return { loss: joined(found.map((one) => one.loss)), spent };
}

/** By how much each row's least loss falls for a change of the base's problem. */
function* marginal(base, pooled, more) {
  const { loss: better } = yield* everyRow(but(base.problem, more), pooled);
  return base.each.loss.map((value, row) => value - better[row]);
}

function* units(base, pooled, { factor, level }) {
  const names = { compute: ["budget", "time"], ...(base.problem.owned.length ? { data: ["stock"] } : {}) };
  const times = (changes, by) => Object.fromEntries(changes.map((change) => [change, by]));
  const gains = [], slopes = [];
  for (const changes of Object.values(names)) {
    gains.push(yield* marginal(base, pooled, times(changes, factor)));
    slopes.push(yield* marginal(base, pooled, times(changes, SMALL)));
  }
  const chance = chances(pooled, gains.map((gain) => gain.map((value) => -value)));
  return Object.keys(names).map((resource, place) => ({
    resource,
    factor,
    gain: weighted(gains[place], pooled.shares, level),
    by_law: byLaw(pooled, gains[place], level),
    probability: chance[place],
    marginal: weighted(slopes[place], pooled.shares, level),
  }));
}

/** What one more token is worth at most: of what is owned, and of every source that is for sale. */
function* tokenPrices(base, pooled, { level }, lowered) {
  const { given, owned } = base.problem;
  const stock = owned.reduce((all, one) => all + usable(one), 0), more = (SMALL - 1) * stock;
  const quality = owned.reduce((all, one) => all + usable(one) * one.quality, 0) / stock;
  const byFlop = yield* marginal(base, pooled, { budget: SMALL });
  const found = [];
  for (const source of [null, ...lowered.filter((lever) => !lever.base).map((lever) => lever.source)]) {
    const extra = { tokens: more, access: 1, quality: source ? source.quality : quality, epochs_used: 0 };
    const byToken = yield* marginal(base, pooled, { owned: [...owned, extra] });
    const flop = byToken.map((value, row) =>
      byFlop[row] > ROUNDING * base.each.loss[row] ? Math.max(value / more, 0) / (byFlop[row] / ((SMALL - 1) * given.flop)) : Infinity,
    );
    const asked = source && given.flopPrice ? source.price / given.flopPrice : NaN;
    found.push({
      name: source ? source.name : "more of what is owned",
      flop: weighted(flop, pooled.shares, level),
      by_law: byLaw(pooled, flop, level),
      asked,
      probability: Number.isNaN(asked) ? NaN : flop.reduce((all, value, row) => all + (value > asked ? pooled.shares[row] : 0), 0),
    });
  }
  return found;
}

const byLaw = (pooled, values, level) =>
  Object.fromEntries(pooled.laws.map((law, index) => [law.name, own(pooled, index, values, level)]));

/** What a different number of parameters costs, the levers set as in the decision. */
function* regret(best, pooled, { allowed, level }) {
  const { problem, each, decision } = best;
  const optima = each.spent.params.filter((value, row) => pooled.shares[row] > 0 && !Number.isNaN(value));
  const centre = decision.spent.params;
  const low = Math.max(optima.reduce((a, b) => Math.min(a, b)), centre / FACTOR ** 2) / FACTOR;
  const high = Math.min(optima.reduce((a, b) => Math.max(a, b)), centre * FACTOR ** 2) * FACTOR;
  const mean = (spent) => average(pooled, (law, row, place) => lost(pooled, loss(law, row, spent), each.loss[place]));
  const sizes = Array.from({ length: POINTS }, (_, place) => low * (high / low) ** (place / (POINTS - 1)));
  const points = [];
  for (const [place, size] of [...sizes, centre].sort((a, b) => a - b).entries()) {
    const ways = decision.spent.unspent > 0 ? sparing(problem, size, decision.z, decision.spent.epochs) : [along(problem, size, decision.z)];
    const costs = ways.length > 1 ? ways.map(mean) : [0];
    const spent = ways[costs.indexOf(Math.min(...costs))];
    if (!spent) continue;
    const there = joined(pooled.laws.map((law) => Float64Array.from({ length: law.rows }, (_, row) => loss(law, row, spent))));
    const above = there.map((value, row) => Math.max(value - each.loss[row], 0));
    const { low: from, high: to } = weighted(above, pooled.shares, level);
    const estimates = Object.fromEntries(pooled.laws.map((law, index) => [law.name, above[pooled.parts[index][0]]]));
    const point = { params: spent.params, tokens: spent.tokens, epochs: spent.epochs, mean: mean(spent) };
    points.push({ ...point, low: from, high: to, by_law: estimates });
    if (place % 8 === 7) yield;
  }
  const least = points.reduce((found, point, place) => (point.mean < points[found].mean ? place : found), 0);
  const beyond = (place) => !points[place] || points[place].mean > points[least].mean + allowed;
  let first = least, last = least;
  while (!beyond(first - 1)) first -= 1;
  while (!beyond(last + 1)) last += 1;
  return { points, within: [points[first].params, points[last].params], allowed };
}
