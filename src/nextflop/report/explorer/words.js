/** A plan in sentences, as words.py and doubts.py say it. */

import { show } from "./amounts.js";
import { decades, far, FAR } from "./reach.js";

const AXES = { params: "parameters", tokens: "tokens" };
const UNITS = { FLOP: "FLOP", USD: "$", "chip-hours": "" };
const SURE = 0.9, APART = 1.5, COUNTS = 0.01, LITTLE = 0.005, NOTHING = 5e-4;

const WRONG = {
  plan_choice: "No option is clearly best",
  plan_laws: "A law misses your largest runs",
  plan_seen: "No law had foretold the runs that were made to decide",
  plan_epochs: "The laws disagree on the epochs",
  plan_next_unit: "The laws disagree on what to buy next",
  plan_beyond: "The plan lies beyond the runs",
};

/** A budget as a person writes it. */
export function spend(situation, budget) {
  const amount = show(budget, UNITS[situation.unit]);
  if (situation.unit === "FLOP") return amount;
  const flop = budget * situation.flop_per_unit, said = show(flop, "FLOP");
  if (situation.unit === "USD") return `${amount} (${said})`;
  const money = situation.flop_price ? `${show(flop * situation.flop_price, "$")}, ` : "";
  return `${amount} ${situation.chip ? `hours of ${situation.chip}` : "chip-hours"} (${money}${said})`;
}

export const OUTCOMES = { passed: "pass", warn: "warn", fail: "fail", unknown: "cannot tell" };

/** What to do with the budget. */
export function headline(planned, found) {
  const best = found.options.find((one) => one.code === found.best);
  const base = found.options.find((one) => one.code === found.base);
  const { value, low, high } = best.outcome, stocked = planned.situation.sources.length > 0;
  const kept = ({ unspent }) => unspent / found.given.flop;
  let said = `With ${spend(planned.situation, found.given.budget)}, train ${training(best.decision, stocked)}`;
  if (kept(best.decision) >= LITTLE) said += `, and keep ${(100 * kept(best.decision)).toFixed(0)}% of the budget`;
  const away = far(decades(best.decision, found.laws));
  if (away.length) said += `, which is ${away.map(([axis, far]) => `${far.toFixed(1)} decades beyond the runs in ${AXES[axis]}`).join(" and ")}`;
  said += `: ${planned.response} ${value.toFixed(3)}`;
  said += low < high ? ` (${low.toFixed(3)} to ${high.toFixed(3)}).` : ".";
  const { gain } = best;
  if (best !== base && Math.abs(gain.value) >= NOTHING) said += ` That is ${gain.value.toFixed(3)} (${gain.low.toFixed(3)} to ${gain.high.toFixed(3)}) better than ${base.name}.`;
  return away.length ? `${said} ${near(found.reach, stocked, kept)}` : said;
}

/** What to do instead of a plan far beyond the runs. */
function near(reach, stocked, kept) {
  if (!reach) return "That far the laws are a guess, and the limits leave no plan within a decade of the runs.";
  const { value, low, high } = reach.more;
  const ends = low < high || value < NOTHING ? ` (${low.toFixed(3)} to ${high.toFixed(3)})` : "";
  const more = value >= NOTHING ? `${value.toFixed(3)}${ends} more` : `nothing more under most laws and draws${ends}`;
  const left = kept(reach.decision) >= LITTLE ? ` with ${(100 * kept(reach.decision)).toFixed(0)}% of the budget kept` : "";
  return `That far the laws are a guess. Within a decade of the runs the best is ${training(reach.decision, stocked)}${left}, which in the median of the draws loses ${more}.`;
}

function training({ params, tokens, epochs, raw }, stocked) {
  const said = `${show(params)} parameters on ${show(tokens)} tokens`;
  return stocked ? `${said}, ${Math.abs(epochs - 1) < 0.05 ? "one epoch" : `${epochs > 1 ? epochs.toFixed(1) : Number(epochs.toPrecision(2))} epochs`} of ${show(raw)} unique ones` : said;
}

/** Whether the laws agree, how sure the choice is, and how far beyond the runs it lies: outcome and sentence. */
export function doubts(found) {
  const { options, units } = found, laws = found.laws.filter(({ weight }) => weight >= COUNTS);
  const best = options.find((one) => one.code === found.best);
  const said = [sure(best, options, found.regret), ...found.settled];
  const repeated = best.code === "once" ? options[0] : best; // once leaves no epochs to choose
  if (laws.length > 1 && options[0].code === "repeat") said.push(epochs(repeated, laws));
  if (laws.length > 1 && units.length > 1) said.push(nextUnit(units, laws));
  return [...said, beyond(best, found.laws)].map((one) => (["warn", "fail"].includes(one.outcome) ? { ...one, name: WRONG[one.code] } : one));
}

/** The answer for those who hear it: what to do, and by name what is doubtful of it. */
export function aloud(planned, found) {
  const doubtful = doubts(found).filter(({ outcome }) => outcome !== "passed");
  return [planned.label + headline(planned, found), ...doubtful.map(({ name, outcome }) => `${OUTCOMES[outcome]}: ${name}.`)].join(" ");
}

/** The rows of the ledger: of options whose decisions are the same the best, or the first. */
export function ledger({ options, best }) {
  const kept = [];
  for (const one of options) {
    if (kept.some((other) => other.code === one.code || other.same.includes(one.code))) continue;
    kept.push(one.same.includes(best) ? options.find(({ code }) => code === best) : one);
  }
  return kept;
}

/** A row of the ledger, with the options that come to the same. */
export function named(option, options) {
  const others = option.same.map((code) => options.find((one) => one.code === code).name);
  return others.length ? `${option.name}; here the same as ${listed(others)}` : option.name;
}

const listed = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}` : names[0]);

function sure(best, options, { safe, allowed }) {
  const rivals = [best.code, ...best.same].filter((code) => code !== "together"); // which is not ranked among them
  const names = listed(rivals.map((code) => options.find((one) => one.code === code).name));
  const probability = rivals.length > 1 ? Math.min(best.probability, safe) : best.probability; // they may differ under a draw
  const sentence =
    options.length === 1
      ? "There is one option: parameters and tokens."
      : rivals.length > 1
      ? `${names[0].toUpperCase()}${names.slice(1)} come to the same here. With probability ${belief(best.probability)} one of them is the best option; as decided they lose at most ${show(allowed)} with probability ${belief(safe)}.`
      : `${best.name[0].toUpperCase()}${best.name.slice(1)} is the best option with probability ${belief(best.probability)}.`;
  return { code: "plan_choice", name: "One option is clearly best", outcome: probability >= SURE ? "passed" : "warn", sentence };
}

/** To two places, and never more than it is. */
const belief = (probability) => (Math.floor(100 * probability + 1e-6) / 100).toFixed(2);

function epochs(option, laws) {
  const own = laws.map((law) => [law.name, option.by_law[law.name].epochs.value]);
  const values = own.map(([, value]) => Math.max(1, value)); // where nothing is repeated there is nothing to agree on
  const outcome = Math.max(...values) / Math.min(...values) <= APART ? "passed" : "fail";
  const told = own.map(([name, value]) => `${name} ${value.toFixed(1)}`).join(", ");
  const sentence = `Best epochs for ${option.name}, by each law alone: ${told}.`;
  return { code: "plan_epochs", name: "The laws agree on the epochs", outcome, sentence };
}

function nextUnit(units, laws) {
  const named = laws.map(({ name }) => [name, units.reduce((a, b) => (b.by_law[name].value > a.by_law[name].value ? b : a)).resource]);
  const told = named.map(([name, resource]) => {
    const each = units.map((unit) => `${unit.resource} ${unit.by_law[name].value.toFixed(4).replace("-0.0000", "0.0000")}`);
    return `${name}: ${resource} (${each.join(", ")})`;
  });
  const agreed = new Set(named.map(([, resource]) => resource)).size === 1, factor = show(units[0].factor);
  return {
    code: "plan_next_unit",
    name: "The laws agree on what to buy next",
    outcome: agreed ? "passed" : "fail",
    sentence: `Worth more, ${factor} times the compute or ${factor} times the data: ${told.join("; ")}.`,
  };
}

function beyond(best, laws) {
  const away = Object.entries(decades(best.decision, laws));
  const name = "The plan lies within reach of the runs", code = "plan_beyond";
  if (!away.length) {
    const sentence = "The laws are published constants: how far the plan lies beyond their runs is not known.";
    return { code, name, outcome: "unknown", sentence };
  }
  const [axis, worst] = away.reduce((a, b) => (b[1] > a[1] ? b : a));
  if (worst === 0) return { code, name, outcome: "passed", sentence: "The plan lies within the range of the runs." };
  const sentence = `The plan lies ${worst.toFixed(1)} decades beyond the runs in ${axis.replaceAll("_", " ")}.`;
  return { code, name, outcome: worst <= FAR ? "warn" : "fail", sentence };
}
