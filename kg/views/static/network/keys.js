// The mouse and the keyboard on the picture: choose, open, drag, walk along relations.
let dragged = -1;
let isDragged = false;
const pointOf = (event) => {
  const frame = canvas.getBoundingClientRect();
  return [event.clientX - frame.left, event.clientY - frame.top];
};

network.on("click", ({ event }) => {
  if (isDragged) return;
  see();
  const source = event.srcEvent ?? event;
  const [x, y] = pointOf(source);
  const slack = source.pointerType === "touch" ? 12 : 5;
  if (isAfar() && !hasFocus()) {
    const disc = discAt(x, y);
    if (disc) showDisc(disc);
    return;
  }
  const thing = thingAt(x, y, slack / 2);
  if (thing >= 0) {
    chooseThing(thing);
    return;
  }
  const near = hasFocus() ? relationsAt(x, y, slack, focus.lines) : [];
  const all = near.length ? near : relationsAt(x, y, slack);
  if (all.length === 1) chooseRelation(all[0]);
  else if (all.length) chooseSeveral(all);
  else if (hasFocus()) nothing();
});
network.on("doubleClick", ({ event }) => {
  const [x, y] = pointOf(event.srcEvent ?? event);
  const disc = isAfar() ? discAt(x, y) : null;
  const thing = disc ? -1 : thingAt(x, y);
  if (disc) openDisc(disc);
  else if (thing >= 0) openAround(thing);
});

// In a small graph a thing can be dragged; the map itself is moved by vis-network.
canvas.addEventListener("pointerdown", (event) => {
  isDragged = false;
  see();
  if (thingCount > LIVELY || event.button) return;
  dragged = thingAt(...pointOf(event));
  if (dragged >= 0) network.setOptions({ interaction: { dragView: false } });
}, true);
addEventListener("pointermove", (event) => {
  if (dragged < 0) return;
  const [x, y] = pointOf(event);
  const [nx, ny] = [(x - view.w / 2) / view.scale + view.x, (y - view.h / 2) / view.scale + view.y];
  if (!isDragged && Math.hypot(toX(things.x[dragged]) - x, toY(things.y[dragged]) - y) < 6) return;
  isDragged = true;
  [things.x[dragged], things.y[dragged]] = [nx, ny];
  if (foreground.get(dragged)) foreground.update({ id: dragged, x: nx, y: ny });
  redraw();
});
addEventListener("pointerup", () => {
  if (dragged < 0) return;
  network.setOptions({ interaction: { dragView: true } });
  if (isDragged) fillCells();
  dragged = -1;
});

// Pointing: a name beside the pointer, for things at any size, for lines where there are not too many.
const tip = byId("tip");
let waiting = false;
canvas.addEventListener("pointermove", (event) => {
  if (waiting || dragged >= 0 || event.buttons || event.pointerType === "touch") return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    see();
    pointTo(...pointOf(event));
  });
});
canvas.addEventListener("pointerleave", () => (tip.hidden = true));
const pointTo = (x, y) => {
  const disc = isAfar() ? discAt(x, y) : null;
  const thing = isAfar() && !hasFocus() ? -1 : thingAt(x, y);
  const [relation] = disc || thing >= 0 || isAfar() || relationCount > 20000 ? [] : relationsAt(x, y, 4, hasFocus() ? focus.lines : null);
  if (thing !== hovered) {
    hovered = thing;
    network.redraw();
  }
  canvas.classList.toggle("over", disc !== null || thing >= 0 || relation !== undefined);
  const text = disc ? `around ${things.label[disc.hub]}, ${counted(disc.size, "thing")}` : thing >= 0 ? `${things.label[thing]} (${kindOf(thing)})` : relation === undefined ? "" : [sentence(relation), dateOf(relation)].filter(Boolean).join(", ");
  tip.textContent = clip(text, 160);
  tip.hidden = !text;
  tip.style.transform = `translate(${Math.max(4, Math.min(x + 14, view.w - 300))}px, ${y + 18}px)`;
};

// The neighbour that lies best in the direction of an arrow key.
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const towards = (thing, [dx, dy]) => {
  let [best, value] = [-1, 0];
  for (const relation of relationsOf(thing)) {
    const other = otherEnd(relation, thing);
    if (!relationOn[relation] || other === thing) continue;
    const [x, y] = [things.x[other] - things.x[thing], things.y[other] - things.y[thing]];
    const worth = (x * dx + y * dy) / (Math.hypot(x, y) ** 1.4 || 1);
    if (worth > value) [best, value] = [other, worth];
  }
  return best;
};
box.addEventListener("keydown", (event) => {
  const arrow = ARROWS[event.key];
  if (event.key === "Enter" && !panel.hidden) panel.querySelector("h2")?.focus();
  if (!arrow || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const next = focus.thing < 0 ? (ranked.find((i) => thingOn[i]) ?? -1) : towards(focus.thing, arrow);
  if (next < 0) {
    say("No neighbour lies that way.");
    return;
  }
  chooseThing(next);
  moveTo(things.x[next], things.y[next], Math.max(view.scale, afar() * 1.5), true);
});
addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("textarea, select, input:not([type=checkbox])")) return;
  if (event.key === "/") {
    event.preventDefault();
    field.focus();
  } else if (event.key === "f" || event.key === "F") {
    fit();
    say("The whole graph is in the picture.");
  } else if (event.key === "Escape") {
    closeMenu();
    nothing();
    box.focus();
  }
});
