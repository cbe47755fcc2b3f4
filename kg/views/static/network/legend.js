// The legend is the filter: every class, relation, standing and source with its sign and its number.
const FEW = 9;
const SVG = "http://www.w3.org/2000/svg";
const drawn = (tag, attributes) => {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};
const sign = (...parts) => {
  const picture = drawn("svg", { viewBox: "0 0 26 16", class: "sign", "aria-hidden": "true" });
  picture.append(...parts);
  return picture;
};
const kindSign = (kind) => {
  const pen = new SvgPen();
  outline(pen, shapeOf(kind), 13, 8, 6);
  return sign(drawn("path", { d: pen.d, class: "kind", "data-kind": kind }));
};
const lineSign = (line) => sign(drawn("path", { d: "M1 8H25", class: "line", "stroke-dasharray": DASHES[line].join(" ") }));

const facets = [];
const tally = (size, each) => {
  const found = new Int32Array(size);
  each(found);
  return found;
};
const saidCounts = (part, size) =>
  tally(size, (found) => {
    const sets = data.said.map((pairs) => [...new Set(pairs.map((pair) => pair[part]))]);
    for (const said of relations.said) for (const value of sets[said]) found[value]++;
  });

const facet = ({ title, key, names, counts, mark, open = true, point = null }) => {
  const order = [...names.keys()].sort((a, b) => counts[b] - counts[a] || (names[a] < names[b] ? -1 : 1));
  const group = make("details", "", { class: "facet", ...(open ? { open: "" } : {}) });
  const boxes = new Map();
  const list = make("ul");
  const setAll = (wanted) => {
    off[key] = new Set(order.filter((value) => !wanted(value)));
    refilter();
  };
  const add = (value) => {
    const item = make("li");
    const label = make("label");
    const check = make("input", "", { type: "checkbox" });
    check.addEventListener("change", () => {
      off[key][check.checked ? "delete" : "add"](value);
      refilter();
    });
    boxes.set(value, check);
    label.append(check, mark?.(value) ?? "", named(clip(names[value], 60)), make("span", figure(counts[value]), { class: "count" }));
    item.append(label, button("only", () => setAll((other) => other === value), { class: "only", "aria-label": `only ${clip(names[value], 60)}` }));
    if (point) {
      item.addEventListener("pointerenter", () => pointAt(point(value)));
      item.addEventListener("pointerleave", () => pointAt(null));
    }
    list.append(item);
  };
  order.slice(0, FEW).forEach(add);
  group.append(make("summary", `${title} (${figure(order.length)})`), list);
  if (order.length > FEW) {
    const more = button(`${figure(order.length - FEW)} more`, () => {
      order.slice(FEW).forEach(add);
      more.remove();
      check();
    }, { class: "more" });
    group.append(more);
  }
  if (order.length > 1) group.append(button("all", () => setAll(() => true), { class: "more" }));
  const check = () => boxes.forEach((input, value) => (input.checked = !off[key].has(value)));
  facets.push(check);
  check();
  return group;
};
const pointAt = (test) => {
  pointedAt = test;
  network.redraw();
};

const showLegend = () => {
  const legend = byId("legend");
  const predicateCounts = tally(data.predicates.length, (found) => relations.r.forEach((value) => found[value]++));
  const conflicts = relations.conflict.reduce((a, b) => a + b, 0);
  legend.append(
    facet({ title: "Things", key: "kinds", names: data.kinds.map(([, name]) => name || "no class"), counts: kindSizes, mark: kindSign }),
    facet({ title: "Relations", key: "predicates", names: data.predicates.map(([, name]) => name), counts: predicateCounts, point: (value) => (i) => relations.r[i] === value }),
    facet({ title: "How it is said", key: "standings", names: data.standings.map(([name]) => name), counts: saidCounts(1, data.standings.length), mark: (value) => lineSign(data.standings[value][1]) }),
    facet({ title: "Sources", key: "sources", names: data.sources.map(([, name]) => name), counts: saidCounts(0, data.sources.length), open: false }),
  );
  const notes = ["A line is drawn as the strongest way in which one of its sources says it."];
  if (conflicts) legend.append(disagreement(conflicts));
  if (wantsOverview) notes.push(`A disc is a community, in the colour of its most frequent class; lines join it with those it is most tied to (${STRONGEST} or more).`);
  if (thingCount > 2) notes.push("Things that are tied to each other lie together, by communities found in the graph.");
  legend.append(make("p", notes.join(" "), { class: "hint" }));
  paintLegend();
};
// The mark of disagreement, and a box that leaves nothing else.
const disagreement = (conflicts) => {
  const label = make("label", "", { class: "disputed" });
  const check = make("input", "", { type: "checkbox", id: "disputed" });
  check.addEventListener("change", () => {
    disputed.only = check.checked;
    refilter();
  });
  const mark = drawn("path", { d: "M7 3L13 13M12 3L18 13", class: "dispute" });
  label.append(check, sign(drawn("path", { d: "M1 8H25", class: "line" }), mark), "only where sources disagree", make("span", figure(conflicts), { class: "count" }));
  facets.push(() => (check.checked = disputed.only));
  return label;
};
const paintLegend = () => {
  for (const mark of document.querySelectorAll("[data-kind]")) mark.setAttribute("fill", colorOf(Number(mark.dataset.kind)));
};

// After a change of the filters: what is shown, how many, and the same in the tables and the address.
const refilter = ({ quiet = false } = {}) => {
  sift();
  gather();
  light();
  facets.forEach((check) => check());
  showCounts();
  if (!panel.hidden && (focus.thing >= 0 || focus.relation >= 0)) showPanel();
  refresh();
  redraw();
  showTable();
  if (quiet) return;
  say(`${counted(shown.things, "thing")} and ${counted(shown.relations, "relation")} shown.`);
  keepLink();
};
const showCounts = () => {
  const whole = (some, all, word) => (some === all ? counted(all, word) : `${figure(some)} of ${counted(all, word)}`);
  const parts = [`${whole(shown.things, thingCount, "thing")}, ${whole(shown.relations, relationCount, "relation")}`];
  if (data.left[0] || data.left[1]) parts.push(`left out of this file, as the least connected: ${counted(data.left[0], "thing")}, ${counted(data.left[1], "relation")}`);
  if (!hasPassages && relations.n.some((n) => n > 0)) parts.push("passages are left out of this file");
  parts.push(...data.notes);
  byId("counts").textContent = parts.join("; ");
  byId("clear").hidden = !isFiltered();
};
// What the picture shows at this moment, and in which detail.
const showDetail = () => {
  const lit = foreground.length;
  let text = "";
  if (!thingCount) text = "There is nothing to draw.";
  else if (!shown.things) text = "The filters hide everything.";
  else if (isAfar()) text = `An overview: ${counted(discs.length, "community", "communities")} of ${counted(shown.things, "thing")}. Zoom in or double-click for the things themselves.`;
  else if (hasFocus()) text = `${counted(lit, "thing")} in focus of ${figure(shown.things)}, the rest is pale.` + (focus.left ? ` ${counted(focus.left, "relation")} of it left out of the picture: filter, or use the table.` : "");
  else if (lit < shown.things) text = `${figure(lit)} of ${counted(shown.things, "thing")} in detail, all drawn.`;
  if (!isAfar() && relationCount > PLAIN) text += " From afar all lines are drawn solid.";
  if (byId("detail").textContent !== text) byId("detail").textContent = text;
};
