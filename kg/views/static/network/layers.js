// Three layers: a bitmap of everything, vis-network's few hundred things in the foreground, and names on top.
const FOREGROUND = 300;
const LIVELY = 300; // up to so many things can be dragged
const box = byId("graph");
const foreground = new vis.DataSet();
const network = new vis.Network(box, { nodes: foreground, edges: [] }, {
  physics: false, layout: { improvedLayout: false }, interaction: { dragNodes: false, selectable: false, hover: false, keyboard: false, zoomSpeed: 0.7 },
  nodes: { shape: "custom", label: undefined, ctxRenderer: ({ ctx, id, x, y }) => ({ drawNode: () => paintFront(ctx, id, x, y), nodeDimensions: { width: 20, height: 20 } }) },
});

const canvas = box.querySelector("canvas");
const ratio = () => canvas.width / Math.max(1, canvas.clientWidth);
const see = () => {
  const at = network.getViewPosition();
  Object.assign(view, { x: at.x, y: at.y, scale: network.getScale(), w: canvas.clientWidth, h: canvas.clientHeight });
};
const paintFront = (ctx, thing, x, y) => {
  if (isAfar() && !focus.lit.has(thing)) return;
  const ring = thing === focus.thing ? palette().ink : thing === hovered ? palette().accent : "";
  ctx.translate(x, y);
  ctx.scale(1 / view.scale, 1 / view.scale);
  paintThing(ctx, thing, 0, 0, radius(thing), ring);
};

// The bitmap covers half as much again as is seen; `front` is shown while `back` is drawn, slice by slice.
let front = null;
let back = null;
let turn = 0;
let cost = 0;
let slowest = 0;
const fresh = () => {
  see();
  const at = { ...view, w: view.w * 1.5, h: view.h * 1.5 };
  const sheet = back?.sheet ?? document.createElement("canvas");
  const scale = ratio();
  if (sheet.width !== Math.round(at.w * scale) || sheet.height !== Math.round(at.h * scale)) {
    sheet.width = Math.round(at.w * scale);
    sheet.height = Math.round(at.h * scale);
  }
  const ctx = sheet.getContext("2d");
  ctx.setTransform(scale, 0, 0, scale, 0, 0);
  ctx.clearRect(0, 0, at.w, at.h);
  return { sheet, at, ctx };
};
// Where the picture stands and what it took, for who watches the page from outside.
const tell = () => {
  box.dataset.view = [view.x, view.y, view.scale, view.w, view.h].join(" ");
};
const PATIENCE = 14; // milliseconds a slice may take
let planned = 0;
const redraw = () => {
  planned ||= requestAnimationFrame(drawAnew);
};
const drawAnew = () => {
  planned = 0;
  if (!canvas.clientWidth || !canvas.clientHeight) return; // a table is shown
  const mine = ++turn;
  const next = fresh();
  orderNames(next.at);
  const steps = isAfar(next.at) ? [][Symbol.iterator]() : paintBackground(next.ctx, next.at);
  cost = 0;
  slowest = 0;
  const slice = () => {
    if (mine !== turn) return;
    const start = performance.now();
    let step = steps.next();
    while (!step.done && performance.now() - start < PATIENCE) step = steps.next();
    cost += performance.now() - start;
    slowest = Math.max(slowest, performance.now() - start);
    if (!step.done) {
      setTimeout(slice);
      return;
    }
    [front, back] = [next, front];
    network.redraw();
    Object.assign(box.dataset, { drawn: mine, cost: Math.round(cost), slice: Math.round(slowest) });
    tell();
  };
  slice();
};
let rest = 0;
// While the map is only shifted, and not beyond what the bitmap covers, there is nothing to draw anew.
const isCovered = () =>
  front && Math.abs(front.at.scale / view.scale - 1) < 1e-6 &&
  Math.abs(front.at.x - view.x) * view.scale * 2 <= front.at.w - view.w &&
  Math.abs(front.at.y - view.y) * view.scale * 2 <= front.at.h - view.h;
const settle = () => {
  clearTimeout(rest);
  see();
  tell();
  if (isCovered()) return;
  if (cost < 10 && turn) redraw();
  else rest = setTimeout(redraw, 120);
};

const blit = (ctx) => {
  if (!front || isAfar()) return;
  const scale = view.scale / front.at.scale;
  const [x, y] = [toX(front.at.x) - (front.at.w / 2) * scale, toY(front.at.y) - (front.at.h / 2) * scale];
  ctx.drawImage(front.sheet, x, y, front.at.w * scale, front.at.h * scale);
};
const onScreen = (draw) => (ctx) => {
  see();
  ctx.save();
  ctx.setTransform(ratio(), 0, 0, ratio(), 0, 0);
  draw(ctx, view);
  ctx.restore();
};
const exhaust = (steps) => {
  for (const _ of steps);
};
const paintUnder = (ctx, at) => {
  blit(ctx);
  paintBetween(ctx, at);
};
// What lies between bitmap and foreground: the overview, a veil, the lines in focus.
const paintBetween = (ctx, at, batch = BATCH) => {
  if (isAfar(at)) paintOverview(ctx, at);
  if (pointedAt) {
    const list = inSight(at).filter(pointedAt).slice(0, 4000);
    exhaust(paintRelations(ctx, at, list, { color: palette().accent, width: 2, alpha: 0.9, arrows: list.length < 1500, batch }));
  }
  if (!hasFocus()) return;
  ctx.globalAlpha = 0.78;
  ctx.fillStyle = palette().paper;
  ctx.fillRect(0, 0, at.w, at.h);
  const strong = focus.relation >= 0 ? [focus.relation] : [];
  const style = { color: palette().line, width: 1.5, alpha: 1, batch };
  exhaust(paintRelations(ctx, at, focus.lines.filter((i) => relationOn[i] && i !== focus.relation), style));
  exhaust(paintRelations(ctx, at, strong, { ...style, color: palette().accent, width: 2.5 }));
};
const HUBS = Math.min(40, Math.ceil(thingCount / 10));
const paintOver = (ctx, at) => {
  const room = new Room();
  const ends = focus.relation < 0 ? [] : [relations.s[focus.relation], relations.t[focus.relation]];
  const must = new Set([focus.thing, hovered, ...ends].filter((i) => i >= 0));
  if (hasFocus()) {
    keepMarks(at, focus.lit, room);
    paintNames(ctx, at, new Set([...must, ...focus.lit]), room, { must });
    if (focus.lines.length < 150) paintWords(ctx, at, focus.lines, room);
    return;
  }
  if (isAfar(at)) return;
  // The hubs are named whatever lies there; the others where their names hide no mark.
  const named = inOrder.filter((i) => thingOn[i]);
  keepMarks(at, named.slice(0, HUBS), room);
  paintNames(ctx, at, new Set([...must, ...named.slice(0, HUBS)]), room, { must });
  keepMarks(at, named.slice(HUBS, FOREGROUND), room);
  paintNames(ctx, at, named.slice(HUBS), room);
  if (relationCount <= 60) paintWords(ctx, at, inSight(at), room);
};
network.on("beforeDrawing", onScreen(paintUnder));
network.on("afterDrawing", onScreen(paintOver));
network.on("dragging", settle);
network.on("dragEnd", settle);
const NEAREST = 5;
network.on("zoom", () => {
  const [scale, at] = [network.getScale(), network.getViewPosition()];
  const kept = Math.min(NEAREST, Math.max(view.fit / 4, scale));
  if (kept !== scale) network.moveTo({ position: at, scale: kept });
  settle();
});
network.on("resize", () => settle());

// Lift into the foreground what is looked at, or the best connected where nothing is.
const lift = () => {
  const wanted = hasFocus() ? [...focus.lit] : ranked.filter((i) => thingOn[i]).slice(0, FOREGROUND);
  foreground.clear();
  foreground.add(wanted.reverse().map((id) => ({ id, x: things.x[id], y: things.y[id] })));
};
const refresh = () => {
  lift();
  network.redraw();
};
const moveTo = (x, y, scale, animate = false) => {
  network.moveTo({ position: { x, y }, scale, animation: animate && !still ? { duration: 250, easingFunction: "easeOutQuad" } : false });
  if (animate && !still) setTimeout(redraw, 300);
  else redraw();
};
const fitScale = (around) => Math.min((canvas.clientWidth - (canvas.clientWidth > 700 ? 230 : 90)) / Math.max(around[2] - around[0], 60), (canvas.clientHeight - 90) / Math.max(around[3] - around[1], 60), 1.6);
const fit = (only = null) => {
  const around = extent(only);
  const scale = fitScale(around);
  if (!only) view.fit = scale;
  moveTo((around[0] + around[2]) / 2, (around[1] + around[3]) / 2, scale, only !== null);
};
