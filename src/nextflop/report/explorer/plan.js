/** A plan at a setting of the sliders, computed from the laws' draws, as in plan.py. */

import { show } from "./amounts.js";
import { average, averageOfSome, chances, firstBest, joined, lost, own, pool, weighted } from "./pooled.js";
import { AMOUNTS, but, loss, ofOneEpoch, programme, sparing } from "./programme.js";
import { decades, far, limited } from "./reach.js";
import { changed, kept, levers, usable, worth } from "./situation.js";
import { least, solve } from "./solve.js";

const TOGETHER = "together"; // the option that opens every lever
const LIKE = 1e-3; // by which two decisions may differ and be one
const SMALL = 1.01; // the factor behind a marginal value
const FEW = 40; // draws of a law, that show whether a lesser budget is better
const ROUNDING = 1e-8; // of a loss, up to which one per cent more money brings nothing
const POINTS = 81, FACTOR = 8; // of the regret curve
const ABOUT = [-0.03, -0.01, -1e-3, -1e-4, 0, 1e-4, 1e-3, 0.01, 0.03]; // of the size of one epoch, where points lie close

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
  const solved = yield* solvedAll(planned, given, lowered, pooled);
  if (!solved) return { why: "This budget leaves nothing to train on after what serving and text cost." };
  const base = solved[0];
  // All levers together are never worse than one of them, so they are not ranked among them.
  const single = solved.filter((one) => one.code !== TOGETHER);
  const simple = simplest(solved);
  const believed = chances(pooled, simple.filter((one) => one.code !== TOGETHER).map((one) => one.each.loss));
  const chance = single.map((one) => believed[simple.indexOf(one)]);
  if (single.length < solved.length) chance.push(chance.reduce((all, value, place) => all + (single[place].problem.open.length ? value : 0), 0));
  const lowest = lowestOf(solved);
  const best = taken(solved, pooled), rows = alike(solved);
  const options = solved.map((one, index) => ({
    code: one.code,
    name: one.name,
    outcome: weighted(one.loss, pooled.shares, level),
    gain: weighted(base.loss.map((value, row) => value - one.loss[row]), pooled.shares, level),
    probability: together(rows.find((row) => row.includes(one)), solved, chance),
    same: rows.find((row) => row.includes(one)).filter((other) => other !== one).map(({ code }) => code),
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
    regret: average(pooled, (_law, _row, place) => lost(pooled, one.loss[place], lowest[place])),
  }));
  yield;
  const rest = yield* after(best, base, pooled);
  const made = yield* units(rest, pooled, planned);
  const prices = given.owned.length ? yield* tokenPrices(rest, pooled, planned, lowered) : [];
  const curve = yield* regret(rows.find((row) => row.includes(best)).includes(base) ? base : best, pooled, lowest, planned);
  const reach = yield* within(best, planned, lowered, pooled);
  return { given, laws, adds: rest !== base, base: base.code, best: best.code, options, units: made, prices, regret: curve, reach, settled: planned.settled };
}

/** Of equals the simpler counts, so once stands before often. */
const simplest = (solved) => [...solved].sort((a, b) => (a.code !== "once") - (b.code !== "once"));

/** What the best of all options would give each row. */
const lowestOf = (solved) => solved[0].each.loss.map((_, row) => Math.min(...solved.map((one) => one.each.loss[row])));

/** The option of least mean regret. */
function taken(solved, pooled) {
  const lowest = lowestOf(solved), simple = simplest(solved);
  const typical = weighted(lowest, pooled.shares, 0.9).value; // equal to within rounding is told by a share of the loss
  return simple[firstBest(simple.map((one) => typical + average(pooled, (_law, _row, place) => lost(pooled, one.loss[place], lowest[place]))))];
}

/** The options, those together whose decisions are one and the same. */
function alike(solved) {
  const rows = [];
  for (const one of solved) {
    const row = rows.find(([first]) => same(one, first));
    if (row) row.push(one);
    else rows.push([one]);
  }
  return rows;
}

function same({ decision: { spent: a }, problem }, { decision: { spent: b } }) {
  const near = (name) => Math.abs(a[name] - b[name]) <= LIKE * Math.max(a[name], b[name]);
  const spent = (name) => Math.abs(a[name] - b[name]) <= LIKE * problem.given.flop;
  return ["params", "tokens", "raw"].every(near) && ["text", "unspent"].every(spent);
}

/** The belief in a row of options; all levers together are not ranked among the others. */
function together(row, solved, chance) {
  const ranked = row.filter(({ code }) => code !== TOGETHER);
  return (ranked.length ? ranked : row).reduce((sum, one) => sum + chance[solved.indexOf(one)], 0);
}

/** Every option that the page can compute; null where one has no answer. */
function* solvedAll(planned, given, lowered, pooled) {
  const solved = [];
  for (const option of planned.options) {
    const open = lowered.filter((lever) => option.sources.includes(lever.source.name));
    const owned = given.owned.filter((source) => option.owned.includes(source.name));
    const found = yield* solvedBy(programme(given, owned, { open, mostEpochs: option.most_epochs }), pooled, option);
    if (!found) return null;
    solved.push(found);
  }
  return solved;
}

/** The best plan within a decade of the runs, where the best one lies farther beyond them; null where there is none. */
function* within(best, planned, lowered, pooled) {
  const { given } = best.problem;
  const near = far(decades(best.decision.spent, pooled.laws)).length ? limited(given, pooled.laws) : null;
  const solved = near && (yield* solvedAll(planned, near, lowered, pooled));
  if (!solved) return null;
  const found = taken(solved, pooled);
  const more = weighted(found.loss.map((value, row) => value - best.loss[row]), pooled.shares, planned.level);
  return { code: found.code, decision: found.decision.spent, more };
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
  const few = (spent) => typical + averageOfSome(pooled, FEW, (law, row, place) => above(law, row, place, spent));
  const decision = least(problem, mean, like, few, pooled.laws.every((law) => law.monotone));
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

/** What is left to decide once the text of the best option is bought, as in after.py; the base where it adds none. */
function* after({ problem, decision }, base, pooled) {
  const { open, given } = problem;
  const tokens = open.map((lever, place) => lever.scale * Math.expm1(decision.z[place]));
  const added = open.map((lever, place) => ({ tokens: tokens[place], access: 1, quality: worth(lever, tokens[place]) / tokens[place], epochs_used: 0 })).filter(({ tokens }) => tokens >= 1);
  if (!added.length) return base;
  const flop = given.flop - decision.spent.text;
  const rest = but({ ...problem, given: { ...given, flop } }, { open: [], owned: [...kept(problem.owned, open), ...added] });
  return { problem: rest, each: yield* everyRow(rest, pooled) };
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
function* regret(best, pooled, lowest, { allowed, level }) {
  const { problem, each, decision } = best;
  const optima = each.spent.params.filter((value, row) => pooled.shares[row] > 0 && !Number.isNaN(value));
  const centre = decision.spent.params;
  const low = Math.max(optima.reduce((a, b) => Math.min(a, b)), centre / FACTOR ** 2) / FACTOR;
  const high = Math.min(optima.reduce((a, b) => Math.max(a, b)), centre * FACTOR ** 2) * FACTOR;
  const above = (law, row, place, spent) => lost(pooled, loss(law, row, spent), lowest[place]);
  const mean = (spent) => average(pooled, (law, row, place) => above(law, row, place, spent));
  const like = (spent) => pooled.laws.reduce((all, law, index) => all + law.weight * above(law, 0, pooled.parts[index][0], spent), 0);
  const monotone = pooled.laws.every((law) => law.monotone);
  const once = ABOUT.map((more) => ofOneEpoch(problem, decision.z) * (1 + more)).filter((size) => size >= low && size <= high);
  const sizes = Array.from({ length: POINTS }, (_, place) => low * (high / low) ** (place / (POINTS - 1)));
  const points = [];
  for (const [place, size] of [...sizes, ...once, centre].sort((a, b) => a - b).entries()) {
    const ways = sparing(problem, size, decision.z, decision.spent.epochs);
    if (!ways) continue;
    const tried = monotone ? [ways.fewer[0]] : [ways.fewer[0], ways.fewer[placeOfLeast(ways.fewer.map(like))], ways.own, ways.once];
    const costs = tried.map(mean), chosen = placeOfLeast(costs), spent = tried[chosen];
    const there = joined(pooled.laws.map((law) => Float64Array.from({ length: law.rows }, (_, row) => loss(law, row, spent))));
    const differences = there.map((value, row) => Math.max(value - lowest[row], 0));
    const { low: from, high: to } = weighted(differences, pooled.shares, level);
    const estimates = Object.fromEntries(pooled.laws.map((law, index) => [law.name, differences[pooled.parts[index][0]]]));
    points.push({ params: spent.params, tokens: spent.tokens, epochs: spent.epochs, mean: costs[chosen], low: from, high: to, by_law: estimates });
    if (place % 8 === 7) yield;
  }
  const safe = best.loss.reduce((sum, value, row) => sum + (value - lowest[row] <= allowed ? pooled.shares[row] : 0), 0);
  return { points, within: ranges(points, allowed), allowed, safe };
}

const placeOfLeast = (values) => values.indexOf(Math.min(...values));

/** The ranges of sizes whose mean regret is at most `allowed` above the least. */
function ranges(points, allowed) {
  const most = Math.min(...points.map(({ mean }) => mean)) + allowed;
  const found = [];
  for (const [place, { params, mean }] of points.entries()) {
    if (mean > most) continue;
    if (place && points[place - 1].mean <= most) found[found.length - 1][1] = params;
    else found.push([params, params]);
  }
  return found;
}
