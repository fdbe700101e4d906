/** Amounts in the spelling of `nextflop.quantities`. */

const SUFFIXES = [["T", 12], ["B", 9], ["M", 6], ["k", 3]];

/** To `digits` significant digits: 11.4B, 1e22 FLOP, $5M; what is not known is "unknown". */
export function show(value, unit = "", digits = 3) {
  if (Number.isNaN(value)) return "unknown";
  const [before, after] = unit === "$" ? ["$", ""] : ["", unit ? ` ${unit}` : ""];
  return `${value < 0 ? "-" : ""}${before}${size(Math.abs(value), unit, digits)}${after}`;
}

function size(value, unit, digits) {
  if (value === 0) return "0";
  if (value === Infinity) return "∞";
  const [mantissa, power] = value.toExponential(digits - 1).split("e");
  const rounded = Number(`${mantissa}e${power}`);
  if ((unit === "FLOP" && rounded >= 1e4) || rounded >= 1e15 || rounded < 1e-3) return `${trim(mantissa)}e${Number(power)}`;
  const [suffix, tens] = SUFFIXES.find(([, places]) => rounded >= 10 ** places) ?? ["", 0];
  return trim(Number(`${mantissa}e${power - tens}`).toFixed(Math.max(0, digits - 1 - (power - tens)))) + suffix;
}

const trim = (text) => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);

/** A share in per cent. */
export const percent = (value) => (Number.isNaN(value) ? "unknown" : `${Math.round(100 * value)}%`);

/** Reads an amount as a person writes it; NaN if it is none. */
export function parse(text) {
  const found = /^\s*\$?\s*((?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:e[+-]?\d+)?)\s*([kMBGT]?)\b.*$/i.exec(text);
  if (!found || !/\d/.test(found[1])) return NaN;
  const tens = { k: 3, m: 6, b: 9, g: 9, t: 12 }[found[2].toLowerCase()] ?? 0;
  return Number(`${found[1].replaceAll(",", "")}`) * 10 ** tens;
}
