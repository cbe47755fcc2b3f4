// Search by any part of a name, whatever its accents; arrows choose, Enter goes there.
const FOUND = 12;
const field = byId("search");
const hits = byId("hits");
const folded = things.label.map(fold);
let found = [];
let active = -1;

const seek = (text) => {
  const words = fold(text).split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const [starts, inside] = [[], []];
  for (const thing of ranked) {
    const name = folded[thing];
    if (!thingOn[thing] || !words.every((word) => name.includes(word))) continue;
    (name.startsWith(words[0]) || name.includes(" " + words[0]) ? starts : inside).push(thing);
    if (starts.length >= FOUND) break;
  }
  return [...starts, ...inside].slice(0, FOUND);
};

// Two things of one name are told apart by their class, their dates and a relation.
const hint = (thing) => {
  const relation = relationsOf(thing)[0];
  const other = relation === undefined ? "" : clip(things.label[otherEnd(relation, thing)], 24);
  const tie = other && (relations.s[relation] === thing ? `${wordOf(relation)} ${other}` : `${other}: ${wordOf(relation)} this`);
  return [kindOf(thing), yearsOf(things.from[thing], things.to[thing]), tie].filter(Boolean).join(", ");
};

const list = () => {
  found = seek(field.value);
  active = found.length ? 0 : -1;
  hits.replaceChildren(
    ...found.map((thing, place) => {
      const item = make("li", "", { role: "option", id: `hit-${place}`, "aria-selected": String(place === active) });
      item.append(named(clip(things.label[thing], 80)), make("span", ` ${hint(thing)}`, { class: "about" }));
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        take(thing);
      });
      return item;
    }),
  );
  const isOpen = field.value.trim() !== "";
  if (isOpen && !found.length) hits.append(make("li", "Nothing has that name.", { class: "hint", role: "option", "aria-disabled": "true" }));
  hits.hidden = !isOpen;
  field.setAttribute("aria-expanded", String(isOpen));
  mark();
};
const mark = () => {
  [...hits.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === active)));
  if (active >= 0) {
    field.setAttribute("aria-activedescendant", `hit-${active}`);
    hits.children[active].scrollIntoView({ block: "nearest" });
  } else field.removeAttribute("aria-activedescendant");
};
const shut = () => {
  hits.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
};
const take = (thing) => {
  field.value = "";
  shut();
  showTab("graph");
  chooseThing(thing);
  moveTo(things.x[thing], things.y[thing], Math.max(view.scale, view.fit * 1.5, afar() * 2), true);
  panel.querySelector("h2").focus();
};
field.addEventListener("input", list);
field.addEventListener("blur", shut);
field.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (hits.hidden) list();
    else if (found.length) active = (active + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length;
    mark();
  } else if (event.key === "Enter" && found[active] !== undefined) {
    event.preventDefault();
    take(found[active]);
  } else if (event.key === "Escape") {
    event.stopPropagation();
    field.value = "";
    shut();
    box.focus();
  }
});
