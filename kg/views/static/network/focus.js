// What is looked at: a thing, a relation or several, and what was opened around them.
const MOST_NEIGHBOURS = 250;
const MOST_LINES = 400;
const focus = { thing: -1, relation: -1, several: [], opened: new Set(), lit: new Set(), lines: [], left: 0 };
const hasFocus = () => focus.lit.size > 0;
let hovered = -1;
let pointedAt = null; // a test on relations: those that the legend points at

const light = () => {
  focus.lit = new Set();
  focus.lines = [];
  focus.left = 0;
  const open = (thing) => {
    focus.lit.add(thing);
    let neighbours = 0;
    for (const relation of relationsOf(thing)) {
      if (!relationOn[relation]) continue;
      const other = otherEnd(relation, thing);
      if (focus.lines.length >= MOST_LINES || (!focus.lit.has(other) && ++neighbours > MOST_NEIGHBOURS)) {
        focus.left++;
        continue;
      }
      focus.lit.add(other);
      focus.lines.push(relation);
    }
  };
  for (const thing of focus.opened) if (thingOn[thing]) open(thing);
  if (focus.thing >= 0 && !focus.opened.has(focus.thing)) open(focus.thing);
  for (const relation of focus.relation >= 0 ? [focus.relation] : focus.several) {
    focus.lit.add(relations.s[relation]);
    focus.lit.add(relations.t[relation]);
    focus.lines.push(relation);
  }
  focus.lines = [...new Set(focus.lines)];
};

const choose = (change, { quiet = false } = {}) => {
  Object.assign(focus, { thing: -1, relation: -1, several: [] }, change);
  heldDisc = null;
  light();
  showPanel();
  refresh();
  if (!quiet) keepLink(true);
};
const chooseThing = (thing, options) => {
  choose({ thing }, options);
  const left = focus.left ? ` ${counted(focus.left, "relation")} left out of the picture.` : "";
  say(`${things.label[thing]}, ${kindOf(thing)}, ${counted(relationsOf(thing).filter((i) => relationOn[i]).length, "relation")}.${left}`);
};
const chooseRelation = (relation, options) => {
  choose({ relation }, options);
  say(`${sentence(relation)}. ${counted(relations.n[relation], "passage")}.`);
};
const chooseSeveral = (several) => {
  choose({ several });
  say(`${several.length} relations lie here; choose one in the list.`);
};
const openAround = (thing) => {
  focus.opened.add(thing);
  chooseThing(thing);
  // In a frame of the workbench more can be had than is in the picture; elsewhere nobody listens.
  if (parent !== window) parent.postMessage({ expand: addressOf(thing) }, "*");
  say(`The relations of ${things.label[thing]} stay in the picture; ${figure(focus.lit.size)} things are lit.`);
};
const nothing = () => {
  focus.opened.clear();
  choose({});
  say("Nothing is chosen.");
};
