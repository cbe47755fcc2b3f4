// What is shown: by class, relation, standing, source and years. A thing stays while one of its relations does.
const off = { kinds: new Set(), predicates: new Set(), standings: new Set(), sources: new Set() };
const disputed = { only: false };
const years = { from: 0, to: 0, undated: true };
const thingOn = new Uint8Array(thingCount).fill(1);
const relationOn = new Uint8Array(relationCount).fill(1);
const shown = { things: thingCount, relations: relationCount };
const span = [0, 0];
for (let i = 0; i < relationCount; i++) {
  if (!relations.from[i]) continue;
  span[0] = Math.min(span[0] || 9999, relations.from[i]);
  span[1] = Math.max(span[1], relations.to[i]);
}
const undated = relations.from.reduce((found, year) => found + (year ? 0 : 1), 0);

const inYears = (from, to) => {
  if (!years.from && !years.to) return true;
  if (!from) return years.undated;
  return to >= (years.from || -9999) && from <= (years.to || 9999);
};

const sift = () => {
  const saidOn = data.said.map((pairs) => pairs.some(([source, standing]) => !off.sources.has(source) && !off.standings.has(standing)));
  const kindOn = data.kinds.map((_, kind) => !off.kinds.has(kind));
  const predicateOn = data.predicates.map((_, predicate) => !off.predicates.has(predicate));
  const left = new Int32Array(thingCount);
  shown.relations = shown.things = 0;
  for (let i = 0; i < relationCount; i++) {
    const [s, t] = [relations.s[i], relations.t[i]];
    const on =
      predicateOn[relations.r[i]] && saidOn[relations.said[i]] && kindOn[things.kind[s]] && kindOn[things.kind[t]] &&
      (!disputed.only || relations.conflict[i]) && inYears(relations.from[i], relations.to[i]);
    relationOn[i] = on ? 1 : 0;
    if (!on) continue;
    shown.relations++;
    left[s]++;
    left[t]++;
  }
  for (let i = 0; i < thingCount; i++) {
    thingOn[i] = kindOn[things.kind[i]] && (left[i] || (!degree[i] && !disputed.only)) ? 1 : 0;
    shown.things += thingOn[i];
  }
};
const isFiltered = () => shown.things < thingCount || shown.relations < relationCount;
