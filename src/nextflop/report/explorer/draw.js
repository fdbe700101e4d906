/** Figures that move with the sliders; colours are those of the page, so they follow light, dark and print. */

import { percent, show } from "./amounts.js";

const PARTS = [["training", "training", "blue"], ["inference", "serving", "purple"], ["text", "text", "teal"], ["unspent", "left over", "soft"]];
const HUES = ["teal", "orange", "purple", "red", "soft"];
const DASHES = ["7 4", "2 3", "9 3 2 3", "4 4", "1 4"];

const SPACE = new DOMParser().parseFromString("<svg></svg>", "text/html").body.firstChild.namespaceURI;

function make(name, attributes, ...children) {
  const made = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const text = (x, y, words, more = {}) => make("text", { x, y, fill: "var(--ink)", "font-size": 13, ...more }, words);

function drawing(width, height, alt, parts) {
  return make("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": alt }, ...parts.filter(Boolean));
}

/** Where the budget goes: now, and a thinner bar as it was planned; in a drawing so many pixels wide. */
export function split(now, planned, width) {
  const drawn = [];
  const bar = (decision, y, height, named, words) => {
    const all = PARTS.reduce((sum, [key]) => sum + decision[key], 0);
    let x = 0;
    for (const [key, name, hue] of PARTS) {
      const share = decision[key] / all, wide = share * width;
      if (share < 0.001) continue;
      const hollow = key === "unspent";
      drawn.push(make("rect", { x: x + 1, y, width: Math.max(wide - 2, 1), height, rx: 2, fill: `var(--${hollow ? "wash" : hue})`, stroke: hollow ? "var(--soft)" : "none", opacity: named ? 0.9 : 0.45 }));
      const label = `${name} ${share < 0.995 && share >= 0.005 ? percent(share) : share < 0.005 ? "<1%" : "100%"}`;
      if (named && wide > 16 + 7.5 * label.length) drawn.push(text(x + 9, y + height / 2 + 5, label, { fill: hollow ? "var(--ink)" : "var(--paper)", "font-weight": 600 }));
      else if (named) drawn.push(text(Math.min(x + wide / 2, width - 4), y - 6, label, { "text-anchor": x + wide > width - 60 ? "end" : "middle", "font-size": 12 }));
      x += wide;
    }
    if (words) drawn.push(text(0, y + height + 14, words, { fill: "var(--soft)", "font-size": 12 }));
  };
  bar(now, 22, 38, true, "");
  if (planned) bar(planned, 68, 9, false, "as planned");
  const said = PARTS.filter(([key]) => now[key] > 0).map(([key, name]) => `${name} ${show(now[key], "FLOP")}`);
  return drawing(width, planned ? 96 : 66, `Where the budget goes: ${said.join(", ")}.`, drawn);
}

/** Loss above the least against parameters: the mean with its band, each law, and the curve as it was planned. */
export function regret({ points, within, allowed }, decision, planned, unit, width) {
  const height = 320, left = 58, bottom = 44, top = 14, right = 8, tall = 4 * allowed;
  const seen = points.filter((point) => point.mean <= 2.5 * tall);
  const low = Math.log(seen[0].params), high = Math.log(seen[seen.length - 1].params);
  const x = (params) => left + ((Math.log(params) - low) / (high - low || 1)) * (width - left - right);
  const y = (value) => top + (1 - Math.min(Math.max(value / tall, -0.02), 1.2)) * (height - top - bottom);
  const line = (some, value) => some.map((one, i) => `${i ? "L" : "M"}${x(one.params).toFixed(1)},${y(value(one)).toFixed(1)}`).join("");
  const stroke = (d, hue, more = {}) => make("path", { d, fill: "none", stroke: `var(--${hue})`, "stroke-width": 1.6, ...more });
  const clip = make("clipPath", { id: "x-regret-box" }, make("rect", { x: left, y: top, width: width - left - right, height: height - top - bottom }));
  const inside = make("g", { "clip-path": "url(#x-regret-box)" });
  inside.append(make("rect", { x: x(within[0]), y: top, width: Math.max(x(within[1]) - x(within[0]), 2), height: height - top - bottom, fill: "var(--teal)", opacity: 0.12 }));
  inside.append(make("path", { d: `${line(seen, (one) => one.high)}${line([...seen].reverse(), (one) => one.low).replace("M", "L")}Z`, fill: "var(--blue)", opacity: 0.14 }));
  const names = Object.keys(seen[0].by_law);
  if (names.length > 1) {
    names.forEach((name, i) => inside.append(stroke(line(seen, (one) => one.by_law[name]), HUES[i % HUES.length], { "stroke-dasharray": DASHES[i % DASHES.length], "stroke-width": 1.4 })));
  }
  if (planned) inside.append(stroke(line(planned.params.map((params, i) => ({ params, mean: planned.mean[i] })), (one) => one.mean), "soft", { "stroke-dasharray": "1 3" }));
  inside.append(stroke(line(seen, (one) => one.mean), "blue", { "stroke-width": 2.4 }));
  const drawn = [clip];
  for (const value of [0, 1, 2, 3, 4].map((place) => place * allowed)) {
    drawn.push(make("line", { x1: left, x2: width - right, y1: y(value), y2: y(value), stroke: "var(--line)" }));
    drawn.push(text(left - 8, y(value) + 4, show(value), { "text-anchor": "end", fill: "var(--soft)", "font-size": 12 }));
  }
  for (const tick of ticks(Math.exp(low), Math.exp(high))) {
    drawn.push(make("line", { x1: x(tick), x2: x(tick), y1: height - bottom, y2: height - bottom + 4, stroke: "var(--soft)" }));
    drawn.push(text(x(tick), height - bottom + 18, show(tick), { "text-anchor": "middle", fill: "var(--soft)", "font-size": 12 }));
  }
  drawn.push(inside);
  drawn.push(make("path", { d: `M${x(decision.params)},${y(0) - 7}l6,7l-6,7l-6,-7z`, fill: "var(--orange)", stroke: "var(--paper)" }));
  drawn.push(text((left + width) / 2, height - 6, "Parameters N", { "text-anchor": "middle", fill: "var(--soft)", "font-size": 12 }));
  const said = `${unit} above the least against parameters; sizes from ${show(within[0])} to ${show(within[1])} lose at most ${show(allowed)}.`;
  return { picture: drawing(width, height, said, drawn), key: names.length > 1 ? key(names, planned) : "" };
}

function key(names, planned) {
  const entry = (hue, dash, words, wide) => {
    const made = document.createElement("span");
    made.append(make("svg", { viewBox: "0 0 26 8", width: 26, height: 8, "aria-hidden": "true" }, make("line", { x1: 0, x2: 26, y1: 4, y2: 4, stroke: `var(--${hue})`, "stroke-width": wide, "stroke-dasharray": dash })), ` ${words}`);
    return made;
  };
  const made = document.createElement("p");
  made.className = "key";
  made.append(entry("blue", "", "mean over laws and draws", 2.4), ...names.map((name, i) => entry(HUES[i % HUES.length], DASHES[i % DASHES.length], name, 1.4)));
  if (planned) made.append(entry("soft", "1 3", "as planned", 1.6));
  return made;
}

/** Round numbers for a logarithmic axis. */
function ticks(low, high) {
  for (const steps of [[1], [1, 3], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 7]]) {
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const step of steps) {
        const tick = step * 10 ** power;
        if (tick >= low && tick <= high) found.push(tick);
      }
    }
    if (found.length >= 3) return found.length > 7 ? found.filter((_, i) => i % 2 === 0) : found;
  }
  return [];
}
