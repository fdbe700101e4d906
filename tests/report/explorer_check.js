/** Evaluates laws and plans at what the page is asked, and writes the answers into it. */

import { parse, show } from "./amounts.js";
import { FAMILIES, member } from "./laws.js";
import { carried } from "./page.js";
import { plan } from "./plan.js";
import { changed } from "./situation.js";
import { headline, doubts } from "./words.js";

const read = (id) => document.getElementById(id);
const told = (value) =>
  typeof value === "number" && !Number.isFinite(value) ? String(value)
  : ArrayBuffer.isView(value) ? undefined
  : value;

function at(family, parameters, inputs) {
  const law = member({ family, weight: 1 }, parameters);
  return law.loss(law.p, 0, Math.log(inputs.params), Math.log(inputs.tokens), Math.log(inputs.unique_tokens ?? 1));
}

const endless = (setting) => ({ ...setting, most_params: setting.most_params ?? Infinity, latency: setting.latency ?? Infinity });

function ask({ planned, laws }, setting) {
  const work = plan(planned, laws, endless(setting));
  let step = work.next();
  while (!step.done) step = work.next();
  const found = step.value;
  if (found.why) return found;
  const { best, options, units, prices, regret, reach } = found;
  return { best, options, units, prices, reach, within: regret.within, headline: headline(planned, found), doubts: doubts(found) };
}

const asked = JSON.parse(read("asked").textContent);
const source = read("explorer-data");
const answers = {
  fields: Object.fromEntries(Object.entries(FAMILIES).map(([name, family]) => [name, family.fields])),
  losses: (asked.losses ?? []).map(({ family, parameters, inputs }) => at(family, parameters, inputs)),
  plans: (asked.settings ?? []).map((setting) => ask(carried(source.textContent), setting)),
  largest: (asked.settings ?? []).map((setting) => changed(carried(source.textContent).planned.situation, endless(setting)).mostParams),
  shown: (asked.amounts ?? []).map(([value, unit, digits]) => show(value, unit, digits)),
  parsed: (asked.texts ?? []).map(parse),
};
const place = document.createElement("pre");
place.id = "answers";
place.textContent = JSON.stringify(answers, (_, value) => told(value));
document.body.append(place);
