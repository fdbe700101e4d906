/** How far a decision lies beyond the runs, and what lies within reach of them, as in reach.py. */

/** Decades beyond the runs, from which on a plan is a guess. */
export const FAR = 1;

const AXES = ["params", "tokens"];

/** Input → decades of a decision beyond the runs, for the law that it is farthest for; 0 inside. */
export function decades({ params, tokens, raw, worth }, laws) {
  const place = { params, tokens: (tokens * worth) / raw, unique_tokens: worth };
  const found = {};
  for (const input of Object.keys(place)) {
    for (const { ranges } of laws.filter((law) => input in law.ranges)) {
      const { low, high } = ranges[input];
      const away = Math.max(0, Math.log10(place[input] / high), Math.log10(low / place[input]));
      found[input] = Math.max(found[input] ?? 0, away);
    }
  }
  return found;
}

/** Those of parameters and tokens that make a plan a guess. */
export const far = (away) => Object.entries(away).filter(([axis, value]) => AXES.includes(axis) && value > FAR);

/** What is given, with parameters and tokens within reach of all runs; null where its own limits forbid that. */
export function limited(given, laws) {
  const factor = 10 ** FAR;
  const ends = (axis) => laws.filter(({ ranges }) => axis in ranges).map(({ ranges }) => ranges[axis]);
  const least = (axis) => Math.max(0, ...ends(axis).map(({ low }) => low)) / factor;
  const most = (axis) => Math.min(...ends(axis).map(({ high }) => high)) * factor;
  const fewestParams = Math.max(given.fewestParams, least("params"));
  const mostParams = Math.min(given.mostParams, most("params"));
  if (fewestParams > mostParams) return null;
  return { ...given, fewestParams, mostParams, fewestTokens: least("tokens"), mostTokens: most("tokens") };
}
