// The panel beside the graph: a thing with its relations, a relation with every passage behind it, or a list.
const panel = byId("panel");
const MANY = 12;

const thingButton = (thing) => button(named(clip(things.label[thing], 200)), () => chooseThing(thing), { class: "thing" });
const heading = (...parts) => {
  const title = make("h2", "", { tabindex: "-1" });
  title.append(...parts);
  return title;
};
const showPanel = () => {
  panel.replaceChildren(button("×", nothing, { class: "close", "aria-label": "Close" }));
  const isOpen = focus.thing >= 0 || focus.relation >= 0 || focus.several.length > 0;
  if (focus.thing >= 0) showThing(focus.thing);
  else if (focus.relation >= 0) showRelation(focus.relation);
  else if (focus.several.length) showSeveral();
  if (panel.hidden === isOpen) standStill(() => (panel.hidden = !isOpen));
  panel.scrollTop = 0;
};

// The graph stays where it is on the screen while the panel comes and goes beside it, and what was chosen in sight.
const standStill = (change) => {
  see();
  const { x, y, w, scale } = view;
  change();
  network.setSize("100%", "100%");
  see();
  if (!w || !view.w || w === view.w) return;
  const place = x - (w - view.w) / 2 / scale;
  const out = focus.thing < 0 ? 0 : Math.max(0, toX(things.x[focus.thing], { ...view, x: place }) - view.w + 120);
  network.moveTo({ position: { x: place + out / scale, y }, scale });
  settle();
};

const showThing = (thing) => {
  const about = [kindOf(thing), data.things.dates?.[thing] || yearsOf(things.from[thing], things.to[thing])].filter(Boolean).join(", ");
  panel.append(heading(named(things.label[thing])), make("p", about, { class: "about" }));
  const address = addressOf(thing);
  const actions = make("p", "", { class: "actions" });
  actions.append(
    button("Open around it", () => openAround(thing)),
    button("Centre", () => moveTo(things.x[thing], things.y[thing], Math.max(view.scale, 0.5), true)),
    button("Copy its IRI", () => copy(address, "IRI")),
  );
  if (web(address)) actions.append(link(address, "Its page"));
  panel.append(actions);
  const groups = new Map();
  let hidden = 0;
  for (const relation of relationsOf(thing)) {
    if (!relationOn[relation]) {
      hidden++;
      continue;
    }
    const leads = relations.s[relation] === thing;
    const key = `${relations.r[relation]}${leads ? ">" : "<"}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(relation);
  }
  const sorted = [...groups].sort((a, b) => b[1].length - a[1].length || (a[0] < b[0] ? -1 : 1));
  for (const [key, list] of sorted) panel.append(relationGroup(thing, key.endsWith(">"), list, sorted.length < 9 || list.length < 6));
  if (hidden) panel.append(make("p", `${counted(hidden, "relation")} hidden by the filters.`, { class: "hint" }));
  if (!relationsOf(thing).length) panel.append(make("p", "It has no relations here.", { class: "hint" }));
};
const relationGroup = (thing, leads, list, open) => {
  const group = make("details", "", open ? { open: "" } : {});
  const word = make("summary");
  word.append(named(leads ? `${wordOf(list[0])} →` : `← ${wordOf(list[0])}`), make("span", ` ${figure(list.length)}`, { class: "count" }));
  const items = make("ul");
  const add = (from, to) => {
    for (const relation of list.slice(from, to)) {
      const item = make("li");
      const words = relations.n[relation] ? counted(relations.n[relation], "passage") : "why?";
      item.append(thingButton(otherEnd(relation, thing)), " ", button(words, () => chooseRelation(relation), { class: "why", "aria-label": `${words}: ${sentence(relation)}` }));
      if (dateOf(relation)) item.append(make("span", ` ${dateOf(relation)}`, { class: "about" }));
      items.append(item);
    }
    if (to < list.length) {
      const more = button(`${figure(list.length - to)} more`, () => {
        more.parentNode.remove();
        add(to, to + 200);
      });
      const last = make("li");
      last.append(more);
      items.append(last);
    }
  };
  add(0, MANY);
  group.append(word, items);
  return group;
};

const showRelation = async (relation) => {
  const [s, t] = [relations.s[relation], relations.t[relation]];
  panel.append(heading(thingButton(s), ` ${wordOf(relation)} → `, thingButton(t)));
  const facts = [dateOf(relation), counted(relations.n[relation], "passage")];
  if (relations.families[relation] > 1) facts.push(`${relations.families[relation]} independent families of sources`);
  panel.append(make("p", facts.filter(Boolean).join(" · "), { class: "about" }));
  if (relations.conflict[relation]) panel.append(make("p", "Sources disagree about this.", { class: "conflict" }));
  if (siblings[relation] > 1)
    panel.append(button(`All ${siblings[relation]} relations between the two`, () => chooseSeveral([...relationsOf(s)].filter((i) => relationOn[i] && otherEnd(i, s) === t && (s !== t || relations.s[i] === relations.t[i])))));
  const place = make("div", "", { class: "passages" });
  panel.append(place);
  if (!relations.n[relation]) place.append(make("p", "No source is stated."));
  else if (!hasPassages) place.append(make("p", "The passages were left out of this file."));
  else {
    const quotedFirst = (await passagesOf(relation)).sort((a, b) => Boolean(b.quote) - Boolean(a.quote));
    place.append(...quotedFirst.map((passage) => passageView(relation, passage)));
  }
  place.dataset.ready = relation;
};
const passageView = (relation, passage) => {
  const view = make("article", "", { class: "passage" });
  if (passage.quote) {
    const quote = make("blockquote", "", { dir: "auto" });
    quote.append(passage.before ? "…" + passage.before : "", make("mark", passage.quote), passage.after ? passage.after + "…" : "");
    view.append(quote);
  } else view.append(make("p", "Cited without its words.", { class: "hint" }));
  const where = make("p", "", { class: "where" });
  const standing = make("strong", standingOf(passage), { class: `standing line${data.standings[passage.standing][1]}` });
  where.append(standing, passage.voice ? " by " : "", named(passage.voice ?? ""), " · ", named(titleOf(passage)), placeOf(passage) ? ", " + placeOf(passage) : "");
  view.append(where);
  if (passage.note) view.append(make("p", passage.note, { class: "about" }));
  const actions = make("p", "", { class: "actions" });
  actions.append(button("Copy citation", () => copy(citation(relation, passage), "Citation")));
  const url = web(data.sources[passage.source][2]);
  if (url) actions.append(link(url, "The source"));
  view.append(actions);
  return view;
};

const showSeveral = () => {
  panel.append(heading(`${figure(focus.several.length)} relations`));
  const list = make("ul");
  for (const relation of focus.several.slice(0, 500)) {
    const item = make("li");
    item.append(button(named(clip(sentence(relation), 160)), () => chooseRelation(relation), { class: "thing" }), make("span", ` ${dateOf(relation)} ${counted(relations.n[relation], "passage")}`, { class: "about" }));
    list.append(item);
  }
  panel.append(list);
};
const showDisc = (disc) => {
  heldDisc = disc;
  panel.replaceChildren(button("×", nothing, { class: "close", "aria-label": "Close" }), heading("Around ", named(things.label[disc.hub])));
  panel.append(make("p", `A community of ${counted(disc.size, "thing")}, found by who is tied to whom; its best connected:`, { class: "about" }));
  const list = make("ul");
  for (const thing of disc.members.slice(0, 20)) {
    const item = make("li");
    item.append(thingButton(thing), make("span", ` ${kindOf(thing)}, ${counted(degree[thing], "relation")}`, { class: "about" }));
    list.append(item);
  }
  panel.append(button("Open this community", () => openDisc(disc)), list);
  if (panel.hidden) standStill(() => (panel.hidden = false));
  say(`Community around ${things.label[disc.hub]}, ${counted(disc.size, "thing")}.`);
  network.redraw();
};
const openDisc = (disc) => {
  const members = [...things.group.keys()].filter((i) => things.group[i] === disc.group);
  fit(members);
  say(`${counted(disc.size, "thing")} around ${things.label[disc.hub]}.`);
};
