/** A plan in sentences, as words.py and doubts.py say it. */

import { show } from "./amounts.js";

const UNITS = { FLOP: "FLOP", USD: "$", "chip-hours": "" };
const SURE = 0.9, APART = 1.5, FAR = 1, LITTLE = 0.005, NOTHING = 5e-4;

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
  const { params, tokens, epochs, raw } = best.decision, { value, low, high } = best.outcome;
  let said = `With ${spend(planned.situation, found.given.budget)}, train ${show(params)} parameters on ${show(tokens)} tokens`;
  if (planned.situation.sources.length) {
    said += Math.abs(epochs - 1) < 0.05 ? ", one epoch" : `, ${epochs.toFixed(1)} epochs`;
    said += ` of ${show(raw)} unique ones`;
  }
  const kept = best.decision.unspent / (found.given.budget * planned.situation.flop_per_unit);
  if (kept >= LITTLE) said += `, and keep ${(100 * kept).toFixed(0)}% of the budget`;
  said += `: ${planned.response} ${value.toFixed(3)}`;
  said += low < high ? ` (${low.toFixed(3)} to ${high.toFixed(3)}).` : ".";
  const { gain } = best;
  if (best === base || Math.abs(gain.value) < NOTHING) return said;
  return `${said} That is ${gain.value.toFixed(3)} (${gain.low.toFixed(3)} to ${gain.high.toFixed(3)}) better than ${base.name}.`;
}

/** Whether the laws agree, how sure the choice is, and how far beyond the runs it lies: outcome and sentence. */
export function doubts(found) {
  const { options, units, laws } = found;
  const best = options.find((one) => one.code === found.best);
  const said = [sure(best, options)];
  const repeated = best.code === "once" ? options[0] : best; // once leaves no epochs to choose
  if (laws.length > 1 && options[0].code === "repeat") said.push(epochs(repeated, laws));
  if (laws.length > 1 && units.length > 1) said.push(nextUnit(units, laws));
  return [...said, beyond(best, laws)];
}

/** The answer for those who hear it: what to do, and by name what is doubtful of it. */
export function aloud(planned, found) {
  const doubtful = doubts(found).filter(({ outcome }) => outcome !== "passed");
  return [headline(planned, found), ...doubtful.map(({ name, outcome }) => `${OUTCOMES[outcome]}: ${name}.`)].join(" ");
}

function sure(best, options) {
  const sentence =
    options.length === 1
      ? "There is one option: parameters and tokens."
      : `${best.name[0].toUpperCase()}${best.name.slice(1)} is the best option with probability ${best.probability.toFixed(2)}.`;
  return { code: "plan_choice", name: "One option is clearly best", outcome: best.probability >= SURE ? "passed" : "warn", sentence };
}

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

/** Decades beyond the runs, for the law and the input that a decision is farthest beyond. */
function beyond(best, laws) {
  const { params, tokens, raw, worth } = best.decision;
  const place = { params, tokens: (tokens * worth) / raw, unique_tokens: worth };
  let axis = null, away = -1;
  for (const input of Object.keys(place)) {
    for (const law of laws.filter(({ ranges }) => input in ranges)) {
      const { low, high } = law.ranges[input];
      const here = Math.max(0, Math.log10(place[input] / high), Math.log10(low / place[input]));
      if (here > away) [axis, away] = [input, here];
    }
  }
  const name = "The plan lies within reach of the runs", code = "plan_beyond";
  if (axis === null) {
    const sentence = "The laws are published constants: how far the plan lies beyond their runs is not known.";
    return { code, name, outcome: "unknown", sentence };
  }
  if (away === 0) return { code, name, outcome: "passed", sentence: "The plan lies within the range of the runs." };
  const sentence = `The plan lies ${away.toFixed(1)} decades beyond the runs in ${axis.replaceAll("_", " ")}.`;
  return { code, name, outcome: away <= FAR ? "warn" : "fail", sentence };
}
