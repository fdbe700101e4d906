/** Sliders with a field beside each: logarithmic, labelled, and kept in the address so that a setting can be shared. */

import { parse, show } from "./amounts.js";
import { asPlanned, served } from "./situation.js";

const STEPS = 400;

/** What can be set: how it is read from a setting and written into one, its ends, and how it is shown. */
function dials({ situation }) {
  const around = (value, factor) => [value / factor, value * factor];
  const planned = asPlanned(situation);
  const unit = { FLOP: "FLOP", USD: "$", "chip-hours": "" }[situation.unit];
  const found = [
    { key: "budget", label: { FLOP: "Budget, FLOP", USD: "Budget, dollars", "chip-hours": "Budget, chip-hours" }[situation.unit], ends: around(planned.budget, 100), shown: (value) => show(value, unit).replace(" FLOP", "") },
  ];
  if (situation.sources.length) found.push({ key: "unique", label: "Unique tokens owned", ends: around(planned.unique, 100), shown: (value) => show(value) });
  for (const [name, price] of Object.entries(planned.prices)) {
    found.push({ key: `price.${name}`, source: name, label: `Price of ${name}, dollars a million tokens`, ends: around(price, 100), scale: 1e6, shown: (value) => show(1e6 * value, "$") });
  }
  found.push({ key: "queries", label: `Queries served, ${show(situation.use.tokens_per_query)} tokens each`, ends: [1e3, Math.max(1e13, 100 * planned.queries)], zero: true, shown: (value) => (value ? show(value) : "none") });
  const { fewest_params } = situation.limits, most_params = planned.most_params < Infinity ? planned.most_params : 1e13;
  found.push({ key: "largest", label: "Largest model, parameters", ends: [Math.max(fewest_params, Math.min(1e7, most_params / 100)), Math.max(1e13, most_params)], least: fewest_params, endless: true, shown: (value) => (value < Infinity ? show(value) : "any") });
  const { serving } = situation.limits;
  if (serving?.bandwidth) found.push(latency(serving, planned.latency, fewest_params));
  return found.map((dial) => ({ ...dial, planned: read(planned, dial) }));
}

/** Time a token; above what reading all of the memory takes it limits nothing more. */
function latency(serving, planned, fewest) {
  const full = serving.memory / serving.bandwidth, high = planned < Infinity ? Math.max(planned, full) : full;
  const least = (fewest * serving.bytes_per_param) / (serving.chips * serving.bandwidth);
  const hint = (value, { most_params }) => {
    const allowed = served(serving, value), by = value <= full ? "the time to read them" : "the memory";
    return `${show(allowed)} parameters at most, by ${by}${most_params < allowed ? "; the largest model above is less" : ""}`;
  };
  return {
    key: "latency",
    label: `Latency a token, ${show(serving.chips)} ${serving.chip}, ${show(serving.bytes_per_param)} byte${serving.bytes_per_param === 1 ? "" : "s"} a parameter`,
    ends: [Math.max(least, Math.min(planned, full) / 100), high],
    least,
    scale: 1e3,
    endless: true,
    shown: (value) => (value < Infinity ? `${show(1e3 * value)} ms` : "any"),
    hint,
  };
}

const read = (setting, dial) =>
  dial.source !== undefined ? setting.prices[dial.source] : setting[dial.key === "largest" ? "most_params" : dial.key];

function written(setting, dial, value) {
  if (dial.source !== undefined) return { ...setting, prices: { ...setting.prices, [dial.source]: value } };
  return { ...setting, [dial.key === "largest" ? "most_params" : dial.key]: value };
}

/** Where a value stands on its slider; 0 below the lowest, and the last step for no limit. */
function place({ ends: [low, high], zero, endless }, value) {
  if (value <= 0 || (zero && value < low)) return 0;
  if (!(value < Infinity)) return STEPS;
  const from = zero ? 1 : 0, to = STEPS - (endless ? 1 : 0);
  const share = Math.log(value / low) / Math.log(high / low);
  return Math.round(from + Math.min(Math.max(share, 0), 1) * (to - from));
}

function valueAt({ ends: [low, high], zero, endless }, position) {
  if (zero && position <= 0) return 0;
  if (endless && position >= STEPS) return Infinity;
  const from = zero ? 1 : 0, to = STEPS - (endless ? 1 : 0);
  return Number((low * (high / low) ** ((position - from) / (to - from))).toPrecision(3));
}

/** Whether a value can be set at all. */
const fits = ({ zero, least }, value) => value >= (zero ? 0 : Math.max(least ?? 0, Number.MIN_VALUE));

/** Why what a person typed was not taken, and what the answer is still for. */
function refusal(dial, words, value) {
  const from = dial.zero ? "of 0 or more" : dial.least > 0 ? `of ${dial.shown(dial.least)} or more` : "above 0";
  return `“${words.trim().slice(0, 40)}” is not an amount ${from}${dial.endless ? " or any" : ""}: the answer is still for ${dial.shown(value)}.`;
}

/** What a person typed: an amount, or a word for none or any; null if it cannot be used. */
function typed(dial, words) {
  if (dial.endless && /^\s*(any|∞|none|no limit)\s*$/i.test(words)) return Infinity;
  if (dial.zero && /^\s*none\s*$/i.test(words)) return 0;
  const value = parse(words.replace(/\s*ms\s*$/i, "")) / (dial.scale ?? 1);
  return fits(dial, value) && value < Infinity ? value : null;
}

/** The setting that an address says, on top of the plan's own. */
export function fromHash(planned, hash) {
  let setting = asPlanned(planned.situation);
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  for (const dial of dials(planned)) {
    const value = said.has(dial.key) ? Number(said.get(dial.key) === "any" ? Infinity : said.get(dial.key)) : NaN;
    if (fits(dial, value) && (value < Infinity || dial.endless)) setting = written(setting, dial, value);
  }
  return setting;
}

/** The address of a setting: only what differs from the plan; empty for the plan itself. */
export function toHash(planned, setting) {
  const said = new URLSearchParams();
  for (const dial of dials(planned)) {
    const value = read(setting, dial);
    if (value !== dial.planned) said.set(dial.key, value < Infinity ? String(value) : "any");
  }
  return said.toString();
}

/**
 * Builds the sliders.
 *
 * @param {HTMLElement} root where they go
 * @param {object} planned what the page carries
 * @param {(setting: object) => void} changed is told every new setting
 * @param {(words: string) => void} refused is told why something that was typed is not taken
 * @returns {(setting: object) => void} shows a setting on the sliders
 */
export function controls(root, planned, changed, refused) {
  let setting = asPlanned(planned.situation);
  const parts = dials(planned).map((dial, index) => {
    const box = document.createElement("div"), id = `x-dial-${index}`;
    box.className = "dial";
    const label = element("label", { htmlFor: id, textContent: dial.label });
    const slider = element("input", { type: "range", id, min: 0, max: STEPS, step: 1 });
    const field = element("input", { type: "text", inputMode: "decimal", autocomplete: "off", spellcheck: false });
    field.setAttribute("aria-label", `${dial.label}, exactly`);
    const note = element("p", { className: "small", id: `${id}-note` });
    for (const input of [slider, field]) input.setAttribute("aria-describedby", note.id);
    box.append(label, slider, field, note);
    const told = (value) => {
      setting = written(setting, dial, value);
      shown();
      changed(setting);
    };
    const shown = () => {
      const value = read(setting, dial);
      slider.value = place(dial, value);
      slider.setAttribute("aria-valuetext", dial.shown(value));
      field.value = dial.shown(value);
      field.removeAttribute("aria-invalid");
      const before = value === dial.planned ? "" : `as planned ${dial.shown(dial.planned)}`;
      note.textContent = [before, dial.hint?.(value, setting) ?? ""].filter(Boolean).join(" · ");
    };
    slider.addEventListener("input", () => told(valueAt(dial, Number(slider.value))));
    field.addEventListener("change", () => {
      const value = typed(dial, field.value);
      if (value !== null) return told(value);
      field.setAttribute("aria-invalid", "true");
      note.textContent = refusal(dial, field.value, read(setting, dial));
      refused(note.textContent);
    });
    root.append(box);
    return shown;
  });
  return (next) => {
    setting = next;
    parts.forEach((shown) => shown());
  };
}

const element = (name, properties) => Object.assign(document.createElement(name), properties);
