/** Tables that move with the sliders; below each number that has moved stands the planned one. */

import { percent, show } from "./amounts.js";
import { ledger, named } from "./words.js";

const CENTS = 1e-3; // dollars, below which no digits are told
const dollars = (value) => (value > 0 && value < CENTS ? `less than $${CENTS}` : show(value, "$"));
const BEST = " ◂";
const THEN = "once the text of the plan is there";
const amount = (value) => show(value), loss = (value) => value.toFixed(3);
const signed = (value) => (Math.abs(value) < 5e-5 ? "0" : `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`);
const ends = ({ low, high }, write) => (write(low) === write(high) ? "" : `${write(low)} to ${write(high)}`);

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** A cell: a number, its interval, and the number as planned if it reads differently. */
function cell(now, before, write, span = "") {
  const words = write(now), old = before === undefined || before === null ? words : write(before);
  const made = element("td", { className: "n" }, words);
  if (span) made.append(element("small", { className: "span" }, span));
  if (old !== words) made.append(element("small", { className: "was", title: "as planned" }, old));
  return made;
}

function table(title, words, heads, rows) {
  const line = heads.map((head, index) => element("th", { scope: "col", className: index ? "n" : "" }, head));
  const body = rows.map(([head, ...cells]) => {
    const best = head.endsWith(BEST);
    return element("tr", { className: best ? "best" : "" }, element("th", { scope: "row" }, head), ...cells);
  });
  const made = document.createDocumentFragment();
  made.append(
    element("p", { className: "caption" }, element("b", {}, title), words ? `, ${words}` : ""),
    element(
      "div",
      { className: "scroll", tabIndex: 0, role: "group", ariaLabel: title },
      element(
        "table",
        { ariaLabel: title },
        element("thead", {}, element("tr", {}, ...line)),
        element("tbody", {}, ...body),
      ),
    ),
  );
  return made;
}

/** The options. */
export function options(found, planned) {
  const stock = found.given.owned.length > 0, sold = found.options.some((one) => Object.keys(one.added).length);
  const rows = ledger(found).map((one) => {
    const was = planned.options.find((other) => other.code === one.code);
    const added = (some) => Object.values(some.added ?? {}).reduce((a, b) => a + b, 0);
    return [
      named(one, found.options) + (one.code === found.best ? BEST : ""),
      cell(one.decision.params, was.decision.params, amount),
      cell(one.decision.tokens, was.decision.tokens, amount),
      ...(stock ? [cell(one.decision.epochs, was.decision.epochs, (value) => value.toFixed(1))] : []),
      ...(sold ? [cell(added(one), added(was), (value) => (value < 1 ? "0" : show(value)))] : []),
      cell(one.outcome.value, was.outcome.value, loss, ends(one.outcome, loss)),
      cell(one.gain.value, was.gain.value, signed, [one.code, ...one.same].includes(found.base) ? "" : ends(one.gain, signed)),
      cell(one.probability, was.probability, percent),
    ];
  });
  const heads = ["Option", "Parameters", "Tokens", ...(stock ? ["Epochs"] : []), ...(sold ? ["Text added"] : []), `Expected ${planned.response}`, "Gain", "Best with prob."];
  return table("The options", "the best one marked; gains are of the decision in the row, probabilities of the option decided for each draw.", heads, rows);
}

/** What the next unit buys, over all laws and by law, and what a token is worth. */
export function units(found, planned) {
  const names = found.laws.map((law) => law.name);
  const rows = found.units.map((unit) => {
    const was = planned.next_unit.find((other) => other.resource === unit.resource);
    return [
      `${show(unit.factor)} × ${unit.resource}`,
      cell(unit.gain.value, was?.gain.value, signed, ends(unit.gain, signed)),
      cell(unit.probability, was?.probability, percent),
      ...(names.length > 1 ? names.map((name) => cell(unit.by_law[name].value, was?.by_law[name].value, signed)) : []),
    ];
  });
  const heads = ["Resource", `Gain in ${planned.response}`, "Buys more with probability", ...(names.length > 1 ? names : [])];
  return table("What the next unit buys", `${found.adds ? `${THEN}, ` : ""}everything else chosen anew.`, heads, rows);
}

/** What a token is worth at most, in dollars a million or in FLOP. */
export function prices(found, planned) {
  if (!found.prices.length) return "";
  const dollar = found.given.flopPrice;
  const worth = (flop) => (flop === Infinity ? "any price" : dollar ? dollars(1e6 * flop * dollar) : show(flop, "FLOP"));
  const rows = found.prices.map((price) => {
    const was = planned.prices.find((other) => other.name === price.name);
    const free = Number.isNaN(price.asked);
    return [
      price.name,
      cell(price.flop.value, was?.flop.value, worth, ends(price.flop, worth)),
      free ? element("td", { className: "n" }, "not for sale") : cell(price.asked, was?.asked, worth),
      free ? element("td", { className: "n" }, "") : cell(price.probability, was?.probability, percent),
    ];
  });
  return table("What a token is worth at most", `${found.adds ? `${THEN}, ` : ""}${dollar ? "in dollars a million." : "in FLOP."}`, ["Text", "Worth", "Asked", "Worth its price with probability"], rows);
}

/** What each law would do, were it the truth. */
export function apart(found, planned) {
  const taken = found.options.find((one) => one.code === found.best);
  const best = taken.same.includes(found.base) ? found.options.find((one) => one.code === found.base) : taken;
  const was = planned.options.find((one) => one.code === best.code);
  const write = { params: amount, tokens: amount, epochs: (value) => value.toFixed(1), loss };
  const names = ["params", "tokens", ...(found.given.owned.length ? ["epochs"] : []), "loss"];
  const rows = found.laws.map((law) => [
    law.name,
    element("td", { className: "n" }, percent(law.weight)),
    ...names.map((name) => cell(best.by_law[law.name][name].value, was.by_law[law.name][name].value, write[name], name === "loss" ? "" : ends(best.by_law[law.name][name], write[name]))),
  ]);
  const heads = { params: "Parameters", tokens: "Tokens", epochs: "Epochs", loss: `Its ${planned.response}` };
  return table("What each law would do alone", `under ${best.name}.`, ["Law", "Weight", ...names.map((name) => heads[name])], rows);
}
