// The state of the page stands behind its address, so that a view can be handed on.
let isReading = false;
const nameIn = { kinds: data.kinds, predicates: data.predicates, sources: data.sources };
const facetKey = (key, value) => (key === "standings" ? data.standings[value][0] : nameIn[key][value][0] || nameIn[key][value][1]);

const state = () => {
  const parts = new URLSearchParams();
  if (focus.thing >= 0) parts.set("thing", addressOf(focus.thing));
  if (focus.relation >= 0) {
    const i = focus.relation;
    parts.set("relation", [addressOf(relations.s[i]), data.predicates[relations.r[i]][0], addressOf(relations.t[i])].join(" "));
  }
  for (const thing of focus.opened) parts.append("open", addressOf(thing));
  for (const [key, hidden] of Object.entries(off)) for (const value of hidden) parts.append(`no-${key}`, facetKey(key, value));
  if (years.from) parts.set("from", years.from);
  if (years.to) parts.set("to", years.to);
  if (!years.undated) parts.set("undated", "no");
  if (disputed.only) parts.set("disputed", "only");
  if (order.tab !== "graph") parts.set("tab", order.tab);
  if (chosenTheme) parts.set("theme", chosenTheme);
  return parts;
};
const withView = (parts) => {
  see();
  const place = isTurned ? [view.y, view.x] : [view.x, view.y];
  parts.set("view", [...place.map(Math.round), Number(view.scale.toPrecision(3))].join(","));
  return parts;
};
// A frame without an address of its own, such as a notebook's, keeps no history.
const keepLink = (asStep = false) => {
  if (isReading) return;
  try {
    history[asStep ? "pushState" : "replaceState"](null, "", "#" + state());
  } catch {
    return;
  }
};

const readLink = () => {
  const parts = new URLSearchParams(location.hash.slice(1));
  isReading = true;
  for (const key of Object.keys(off)) {
    const hidden = new Set(parts.getAll(`no-${key}`));
    off[key] = new Set([...data[key].keys()].filter((value) => hidden.has(facetKey(key, value))));
  }
  Object.assign(years, { from: Number(parts.get("from")) || 0, to: Number(parts.get("to")) || 0, undated: parts.get("undated") !== "no" });
  disputed.only = parts.get("disputed") === "only";
  chosenTheme = ["light", "dark"].includes(parts.get("theme")) ? parts.get("theme") : "";
  applyTheme();
  focus.opened = new Set(parts.getAll("open").map(byAddress).filter((thing) => thing >= 0));
  refilter({ quiet: true });
  const thing = byAddress(parts.get("thing") ?? "");
  const [s, r, t] = (parts.get("relation") ?? "").split(" ");
  const relation = r ? [...relationsOf(Math.max(byAddress(s), 0))].find((i) => addressOf(relations.s[i]) === s && data.predicates[relations.r[i]][0] === r && addressOf(relations.t[i]) === t) : undefined;
  if (thing >= 0 && parts.has("thing")) chooseThing(thing);
  else if (relation !== undefined) chooseRelation(relation);
  else choose({});
  const [x, y, scale] = (parts.get("view") ?? "").split(",").map(Number);
  if (scale > 0 && [x, y, scale].every(Number.isFinite)) moveTo(...(isTurned ? [y, x] : [x, y]), scale);
  else if (hasFocus()) {
    const [x1, y1, x2, y2] = extent([...focus.lit]);
    moveTo((x1 + x2) / 2, (y1 + y2) / 2, Math.min(fitScale([x1, y1, x2, y2]), Math.max(view.fit * 3, afar() * 2)));
  }
  const tab = TABS.includes(parts.get("tab")) ? parts.get("tab") : "graph";
  if (tab !== order.tab) showTab(tab);
  isReading = false;
};
byId("copy-link").addEventListener("click", () => copy(location.href.split("#")[0] + "#" + withView(state()), "Link"));
