/** The explorer: reads what the page carries, and computes and shows the plan at every setting of the sliders. */

import { controls, fromHash, toHash } from "./controls.js";
import { regret, split } from "./draw.js";
import { member, thinned } from "./laws.js";
import { plan } from "./plan.js";
import { asPlanned } from "./situation.js";
import { apart, options, prices, units } from "./tables.js";
import { aloud, doubts, headline, OUTCOMES } from "./words.js";

const FIRST = 16; // draws of each law behind the first answer
const PAUSE = 25, SLICE = 12; // milliseconds: after a movement, and of work before the page may breathe
const QUIET = 900; // milliseconds without a movement, after which an answer is said to a screen reader
const LEAST = 320, MOST = 920; // pixels that a figure is wide, whatever its place

/** What the page carries, with infinities where JSON has none and draws as numbers. */
export function carried(text) {
  const planned = JSON.parse(text);
  const endless = (value) => value ?? Infinity;
  const { limits } = planned.situation;
  limits.most_params = endless(limits.most_params);
  if (limits.serving) limits.serving.latency = endless(limits.serving.latency);
  for (const source of planned.situation.sources) source.saturation = endless(source.saturation);
  for (const option of planned.options) option.most_epochs = endless(option.most_epochs);
  for (const { flop } of planned.planned.prices) for (const end of Object.keys(flop)) flop[end] = endless(flop[end]);
  const laws = planned.laws.map(({ values, ...about }) => {
    const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
    return member(about, new Float64Array(bytes.buffer));
  });
  return { planned, laws };
}

/** Begins; the section stays hidden where the page carries nothing to explore. */
export function start() {
  const source = document.getElementById("explorer-data"), root = document.getElementById("explore");
  if (!source || !root) return;
  const { planned, laws } = carried(source.textContent);
  const first = laws.map((law) => thinned(law, FIRST));
  const places = Object.fromEntries(["said", "doubts", "split", "regret", "options", "units", "prices", "laws", "state", "aloud"].map((name) => [name, document.getElementById(`x-${name}`)]));
  let turn = 0, timer = 0, quiet = 0;

  const say = (words) => {
    clearTimeout(quiet);
    quiet = setTimeout(() => (places.aloud.textContent = words), QUIET);
  };

  const show = (found, setting, all) => {
    const moved = toHash(planned, setting) !== "";
    root.classList.toggle("moved", moved);
    root.classList.toggle("no-plan", Boolean(found.why));
    places.said.textContent = found.why ?? headline(planned, found);
    if (all && (moved || places.aloud.textContent)) say(found.why ?? aloud(planned, found));
    if (found.why) {
      places.state.textContent = "";
      return;
    }
    const best = found.options.find((one) => one.code === found.best);
    const { options: rows, best: code } = planned.planned;
    const was = rows.find((one) => one.code === (found.options.some((other) => other.code === code) ? code : found.base));
    places.doubts.replaceChildren(...doubts(found).map(check));
    places.split.replaceChildren(split(best.decision, moved ? was.decision : null, room(places.split)));
    const { picture, key } = regret(found.regret, best.decision, moved ? planned.planned.regret : null, planned.response, room(places.regret));
    places.regret.replaceChildren(picture, key);
    places.options.replaceChildren(options(found, planned.planned));
    places.units.replaceChildren(units(found, planned.planned));
    places.prices.replaceChildren(prices(found, planned.planned));
    places.laws.replaceChildren(apart(found, planned.planned));
    const draws = laws.reduce((sum, law) => sum + law.rows - 1, 0);
    const whole = planned.share < 1 ? `${draws} of ${planned.draws} draws, evenly spaced` : `all ${draws} draws`;
    const from = draws ? whole : "the published constants";
    places.state.textContent = all ? `Computed in this page from ${from}.` : "First answer from a few draws; the rest follow …";
    root.dataset.state = all ? "done" : "first";
  };

  const compute = (setting) => {
    const mine = ++turn;
    const quick = plan(planned, first, setting);
    let step = quick.next();
    while (!step.done) step = quick.next();
    show(step.value, setting, step.value.why !== undefined);
    if (step.value.why !== undefined) {
      root.dataset.state = "done";
      return;
    }
    const whole = plan(planned, laws, setting);
    const work = () => {
      if (mine !== turn) return;
      const until = performance.now() + SLICE;
      let done = whole.next();
      while (!done.done && performance.now() < until) done = whole.next();
      if (done.done) show(done.value, setting, true);
      else setTimeout(work, 0);
    };
    setTimeout(work, 0);
  };

  const changed = (setting) => {
    clearTimeout(timer);
    clearTimeout(quiet);
    root.dataset.state = "waiting";
    const hash = toHash(planned, setting);
    history.replaceState(null, "", hash ? `#${hash}` : location.href.split("#")[0]);
    timer = setTimeout(() => compute(setting), PAUSE);
  };
  const place = controls(document.getElementById("x-dials"), planned, changed, say);
  const open = () => {
    const setting = fromHash(planned, location.hash);
    place(setting);
    compute(setting);
  };
  document.getElementById("x-reset").addEventListener("click", () => {
    const setting = asPlanned(planned.situation);
    place(setting);
    changed(setting);
  });
  addEventListener("hashchange", () => location.hash.includes("=") && open());
  root.hidden = false;
  open();
  root.classList.add("ready");
}

/** Pixels for a figure: what its place is wide, so that its letters are as large as they are meant. */
const room = (place) => Math.min(Math.max(place.clientWidth, LEAST), MOST);

function check({ name, outcome, sentence }) {
  const made = document.createElement("li"), mark = document.createElement("span"), said = document.createElement("span"), title = document.createElement("b");
  mark.className = `mark ${outcome}`;
  mark.textContent = OUTCOMES[outcome];
  title.textContent = name;
  said.append(title, sentence);
  made.append(mark, said);
  return made;
}
