// The graph as columns: things and relations are numbers, and their attributes stand at those places.
const data = JSON.parse(byId("data").textContent);
const [thingCount, relationCount] = data.count;

const numbers = (table, name, count, Kind = Int32Array) => (table[name] ? Kind.from(table[name]) : new Kind(count));
const things = {
  label: data.things.label ?? [],
  x: numbers(data.things, "x", thingCount, Float64Array),
  y: numbers(data.things, "y", thingCount, Float64Array),
  ...Object.fromEntries(["kind", "group", "from", "to", "space"].map((name) => [name, numbers(data.things, name, thingCount)])),
};
const relations = {
  ...Object.fromEntries(
    ["s", "t", "r", "said", "n", "date", "from", "years", "conflict", "families"].map((name) => [name, numbers(data.relations, name, relationCount)]),
  ),
};
relations.to = relations.from.map((year, relation) => year + relations.years[relation]);
const addressOf = (thing) => data.spaces[things.space[thing]] + (data.things.id?.[thing] ?? "");
const kindOf = (thing) => data.kinds[things.kind[thing]][1] || "no class";
const wordOf = (relation) => data.predicates[relations.r[relation]][1];
const dateOf = (relation) => data.dates[relations.date[relation]];
const yearsOf = (from, to) => (from ? (from === to ? `${from}` : `${from}–${to}`) : "");
const sentence = (relation) =>
  `${things.label[relations.s[relation]]} — ${wordOf(relation)} → ${things.label[relations.t[relation]]}`;

// Which relations touch a thing: those of thing i stand in touching[first[i] .. first[i + 1]].
const degree = new Int32Array(thingCount);
for (let i = 0; i < relationCount; i++) {
  degree[relations.s[i]]++;
  if (relations.t[i] !== relations.s[i]) degree[relations.t[i]]++;
}
const first = new Int32Array(thingCount + 1);
for (let i = 0; i < thingCount; i++) first[i + 1] = first[i] + degree[i];
const touching = new Int32Array(first[thingCount]);
{
  const next = first.slice();
  for (let i = 0; i < relationCount; i++) {
    touching[next[relations.s[i]]++] = i;
    if (relations.t[i] !== relations.s[i]) touching[next[relations.t[i]]++] = i;
  }
}
const relationsOf = (thing) => touching.subarray(first[thing], first[thing + 1]);
const otherEnd = (relation, thing) => (relations.s[relation] === thing ? relations.t[relation] : relations.s[relation]);

// Relations between the same two things are bent apart: bend is 0 for the middle one, siblings their number.
const bend = new Float32Array(relationCount);
const siblings = new Uint16Array(relationCount).fill(1);
{
  const pairs = new Map();
  for (let i = 0; i < relationCount; i++) {
    const [s, t] = [relations.s[i], relations.t[i]];
    const pair = Math.min(s, t) * thingCount + Math.max(s, t);
    const found = pairs.get(pair);
    if (found === undefined) pairs.set(pair, i);
    else if (typeof found === "number") pairs.set(pair, [found, i]);
    else found.push(i);
  }
  for (const together of pairs.values()) {
    if (typeof together === "number") continue;
    together.forEach((relation, place) => {
      siblings[relation] = together.length;
      bend[relation] = place - (together.length - 1) / 2;
    });
  }
}

// The best connected first; what is shown first, named first and searched first.
const ranked = Array.from({ length: thingCount }, (_, i) => i).sort((a, b) => degree[b] - degree[a] || a - b);
const byAddress = (address) => {
  for (let i = 0; i < thingCount; i++) if (addressOf(i) === address) return i;
  return -1;
};
