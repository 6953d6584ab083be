// The list of directions before it is shown: its columns, how it is sorted, and the one line in which it is filtered,
// words and comparisons such as `hat share>5 stability>0.9`.

/** Kinds in the groups that the list offers, in its order. */
export const kindGroups = [
  { key: "class", label: "of the class", kinds: ["principal", "varimax"] },
  { key: "pooled", label: "pooled", kinds: ["within"] },
  { key: "between", label: "between classes", kinds: ["between", "weights"] },
  { key: "attribute", label: "attributes", kinds: ["attribute", "local-attribute", "conditional", "transform"] },
  { key: "own", label: "own", kinds: ["own", "imported", "draft"] },
  { key: "random", label: "random", kinds: ["random"] },
];

/** Columns of numbers: what is compared, in the unit in which people write it. */
export const columns = {
  share: { label: "Share", title: "Share of the class’s variance, with its 95 % interval", value: d => percentOf(d.share?.value) },
  stability: { label: "Stable", title: "Stability: mean |cos| between the directions of two halves of the images", value: d => d.stability?.value ?? null },
  visible: { label: "Visible", title: "Share of the direction that the classifier sees", value: d => percentOf(d.visibleShare) },
  margin: { label: "Margin", title: "Median σ until the predicted class changes, on the nearer side", value: d => d.margin ? d.margin.value ?? Infinity : null },
  match: { label: "Partner", title: "Correlation with the partner in the other run", value: (d, partner) => partner ? Math.abs(partner.correlation) : null },
};

const percentOf = share => share == null ? null : share * 100;

export const nameOf = direction => direction.name ?? direction.title;

/**
 * @param {object[]} directions as the server lists them
 * @param {{sort: string, kinds: string[], verdict: string|null, filter: string}} wishes
 * @param {(id: string) => object|null} partnerOf
 */
export function listed(directions, { sort, kinds, verdict, filter }, partnerOf) {
  const allowed = new Set(kindGroups.filter(group => kinds.includes(group.key)).flatMap(group => group.kinds));
  const accepts = parseFilter(filter).accepts;
  const found = directions.filter(direction =>
    (kinds.length === 0 || allowed.has(direction.kind)) && (verdict === null || direction.verdict === verdict)
    && accepts(direction, partnerOf(direction.id)));
  const falls = sort.startsWith("-");
  const key = falls ? sort.slice(1) : sort;
  if (key === "name") {
    found.sort((a, b) => nameOf(a).localeCompare(nameOf(b), "en", { numeric: true }));
  } else if (key === "verdict") {
    const order = { "stands-out": 0, noise: 1 };
    found.sort((a, b) => (order[a.verdict] ?? 2) - (order[b.verdict] ?? 2));
  } else if (key in columns) {
    const value = direction => columns[key].value(direction, partnerOf(direction.id));
    // What has no number stands last either way.
    return found.map(direction => [value(direction), direction]).sort(([a], [b]) =>
      a === null || b === null ? (a === null) - (b === null) : a === b ? 0 : (a < b) !== falls ? -1 : 1
    ).map(([, direction]) => direction);
  }
  return falls ? found.reverse() : found;
}

const comparison = /^([a-z]+)\s*(<=|>=|<|>|=)\s*(-?\d*\.?\d+)%?$/i;

/** @returns {{accepts: (direction: object, partner: object|null) => boolean, problem: string|null}} */
export function parseFilter(text) {
  const tests = [];
  let problem = null;
  for (const part of text.replace(/\s*(<=|>=|<|>|=)\s*/g, "$1").split(/\s+/).filter(Boolean)) {
    const [, word, sign, number] = comparison.exec(part) ?? [];
    if (word === undefined) {
      if (/[<>=]/.test(part)) problem = `“${part}” is no comparison; write for example share>5`;
      else tests.push(d => [d.name, d.title, d.note, d.id, d.kind].some(
        value => value?.toLowerCase().includes(part.toLowerCase())));
      continue;
    }
    const key = Object.keys(columns).find(key => key.startsWith(word.toLowerCase()));
    if (!key) {
      problem = `“${word}” is none of ${Object.keys(columns).join(", ")}`;
      continue;
    }
    const limit = Number(number);
    tests.push((direction, partner) => {
      const value = columns[key].value(direction, partner);
      if (value === null) return false;
      return sign === "<" ? value < limit : sign === ">" ? value > limit
        : sign === "<=" ? value <= limit : sign === ">=" ? value >= limit : value === limit;
    });
  }
  return { accepts: (direction, partner) => tests.every(test => test(direction, partner)), problem };
}
