/** The rows of all laws one after another, each with the belief in it, as in pooled.py. */

const SAME = 1e-7; // of a loss, up to which two options are one

/**
 * @param {object[]} laws see laws.js; their weights add up to 1
 * @param {number} worst regret beyond which a row counts no more
 */
export function pool(laws, worst) {
  const shares = [];
  const parts = laws.map((law) => {
    const start = shares.length;
    for (let row = 0; row < law.rows; row++) {
      shares.push(law.rows === 1 ? law.weight : row ? law.weight / (law.rows - 1) : 0);
    }
    return [start, shares.length];
  });
  return { laws, parts, worst, shares: Float64Array.from(shares) };
}

/** What a row loses above the least that it could, bounded. */
export const lost = ({ worst }, loss, least) => Math.min(Math.max(loss - least, 0), worst);

/** Values of each law's rows, one after another. */
export function joined(parts) {
  const all = new Float64Array(parts.reduce((count, part) => count + part.length, 0));
  parts.reduce((place, part) => (all.set(part, place), place + part.length), 0);
  return all;
}

/** What `of(law, row)` is on average. */
export function average(pooled, of) {
  let all = 0;
  pooled.laws.forEach((law, index) => {
    if (law.rows === 1) all += law.weight * of(law, 0, pooled.parts[index][0]);
    else {
      let sum = 0;
      for (let row = 1; row < law.rows; row++) sum += of(law, row, pooled.parts[index][0] + row);
      all += (law.weight / (law.rows - 1)) * sum;
    }
  });
  return all;
}

/** As `average`, over at most so many draws of each law, evenly spaced. */
export function averageOfSome(pooled, most, of) {
  let all = 0;
  pooled.laws.forEach((law, index) => {
    const start = pooled.parts[index][0], draws = law.rows - 1, count = Math.min(draws, most);
    if (!draws) all += law.weight * of(law, 0, start);
    for (let place = 0; place < count; place++) {
      const row = 1 + (draws <= most ? place : Math.floor(((place + 0.5) * draws) / most));
      all += (law.weight / count) * of(law, row, start + row);
    }
  });
  return all;
}

/** Median and central interval: the least value that has that share of the weight at or below. */
export function weighted(values, shares, level) {
  const kept = [];
  for (let row = 0; row < values.length; row++) if (shares[row] > 0 && !Number.isNaN(values[row])) kept.push(row);
  if (!kept.length) return { value: NaN, low: NaN, high: NaN };
  kept.sort((a, b) => values[a] - values[b]);
  const all = kept.reduce((sum, row) => sum + shares[row], 0);
  const wanted = [(1 - level) / 2, 0.5, (1 + level) / 2].map((share) => share * all * (1 - 1e-12));
  const found = [];
  let reached = 0;
  for (const row of kept) {
    reached += shares[row];
    while (found.length < 3 && reached >= wanted[found.length]) found.push(values[row]);
  }
  while (found.length < 3) found.push(values[kept[kept.length - 1]]);
  return { value: found[1], low: found[0], high: found[2] };
}

/** The estimate of one law, with the interval over its draws. */
export function own(pooled, index, values, level) {
  const part = values.subarray(...pooled.parts[index]);
  if (part.length < 2) return { value: part[0], low: NaN, high: NaN };
  return { ...weighted(part.subarray(1), new Float64Array(part.length - 1).fill(1), level), value: part[0] };
}

/** Belief in the rows in which each of some values is the least, the first of equals to within rounding. */
export function chances(pooled, table) {
  const found = table.map(() => 0);
  for (let row = 0; row < pooled.shares.length; row++) found[firstBest(table.map((values) => values[row]))] += pooled.shares[row];
  return found;
}

/** The place of the least value, the first of equals to within rounding. */
export function firstBest(values) {
  const least = Math.min(...values);
  return Math.max(0, values.findIndex((value) => value <= least + SAME * Math.abs(least)));
}
