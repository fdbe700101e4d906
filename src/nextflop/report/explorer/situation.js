/** What a setting of the sliders makes of the situation of the plan, and its text, as in situation.py and text.py. */

const LEAST = 1e9; // tokens, the scale on which bought text grows where little is owned
const AFFORDABLE = 0.98; // of the budget, the most that may go into text

/** Tokens of a source that may be used. */
export const usable = (source) => source.tokens * source.access;

const sum = (values) => values.reduce((all, one) => all + one, 0);

/** The setting that leaves a situation as it was planned. */
export function asPlanned(situation) {
  const owned = situation.sources.filter((source) => source.kind === "owned");
  const priced = situation.sources.filter((source) => source.kind !== "owned" && source.price > 0);
  return {
    budget: situation.budget,
    unique: sum(owned.map(usable)),
    prices: Object.fromEntries(priced.map((source) => [source.name, source.price])),
    queries: situation.use.queries,
    most_params: situation.limits.most_params,
    latency: situation.limits.serving?.latency ?? Infinity,
  };
}

/** The most parameters that fit into the memory of what serves and can be read within a latency, as in serving.py. */
export function served(serving, latency) {
  if (!serving) return Infinity;
  const read = latency < Infinity ? serving.bandwidth * latency : Infinity;
  return (serving.chips * Math.min(read, serving.memory)) / serving.bytes_per_param;
}

/**
 * @param {object} situation as it was planned
 * @param {object} setting of the sliders, see `asPlanned`
 */
export function changed(situation, setting) {
  const stock = asPlanned(situation).unique;
  const sources = situation.sources.map((source) => ({
    ...source,
    tokens: source.kind === "owned" && stock > 0 ? (source.tokens * setting.unique) / stock : source.tokens,
    price: setting.prices[source.name] ?? source.price,
  }));
  const owned = sources.filter((source) => source.kind === "owned").sort((a, b) => b.quality - a.quality);
  const { use, limits } = situation;
  return {
    budget: setting.budget,
    flop: setting.budget * situation.flop_per_unit,
    flopPrice: situation.flop_price,
    k: situation.flop_per_param_token,
    serving: use.flop_per_param_token * setting.queries * use.tokens_per_query,
    sources,
    owned,
    fewestParams: limits.fewest_params,
    mostTraining: limits.most_training ?? Infinity,
    mostParams: Math.min(setting.most_params, served(limits.serving, setting.latency)),
  };
}

/** One lever for each source that is licensed or synthetic: it is set by z = log(1 + tokens / scale), 0 for none. */
export function levers(given) {
  const scale = Math.max(sum(given.owned.map(usable)), LEAST);
  return given.sources
    .filter((source) => source.kind !== "owned")
    .map((source) => {
      const cost = (source.price && given.flopPrice ? source.price / given.flopPrice : 0) + source.flop_per_token;
      const base = given.owned.find((one) => one.name === source.made_from) ?? null;
      let most = (AFFORDABLE * given.flop) / cost;
      if (!base) most = Math.min(most, usable(source));
      else if (source.share < 1) {
        const beside = sum(given.owned.map(usable)) - (source.replaces ? usable(base) : 0);
        most = Math.min(most, (source.share / (1 - source.share)) * beside);
      }
      const own = Math.min(scale, most);
      return { source, base, scale: own, cost, most: Math.log1p(most / own) };
    });
}

/** What added tokens count: synthetic ones ever less with each generation of a document. */
export function worth(lever, tokens) {
  const { source, base } = lever;
  if (!base) return source.quality * tokens;
  const unique = usable(base), K = source.saturation, generations = tokens / unique;
  const grown = Number.isFinite(K) ? -K * Math.expm1(-generations / K) : generations;
  return source.quality * source.exchange * base.quality * unique * grown;
}

/** The owned sources of which no open lever takes the place. */
export const kept = (owned, open) => owned.filter((one) => !open.some((lever) => lever.source.replaces && lever.base?.name === one.name));

/** Unique text, what it is worth and what it costs in FLOP, at settings z[from], z[from + 1], … of the open levers. */
export function text(owned, open, stock, z, from) {
  const beside = kept(owned, open);
  let raw = stock * sum(beside.map(usable));
  let counted = stock * sum(beside.map((one) => usable(one) * one.quality));
  let cost = 0;
  open.forEach((lever, index) => {
    const tokens = lever.scale * Math.expm1(z[from + index]);
    raw += tokens;
    counted += worth(lever, tokens);
    cost += tokens * lever.cost;
  });
  return { raw, worth: counted, cost };
}
