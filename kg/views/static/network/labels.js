// Names on the picture: the most important first, none over another, the same size at every zoom.
const FACE = "system-ui, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const MOST_NAMES = 110;
const widths = new Map();
const widthOf = (ctx, text, font) => {
  const key = font + text;
  if (!widths.has(key)) {
    if (widths.size > 20000) widths.clear();
    ctx.font = font;
    widths.set(key, ctx.measureText(text).width);
  }
  return widths.get(key);
};

// Room on the picture, in a grid of squares, so that asking is quick.
class Room {
  constructor() {
    this.squares = new Map();
  }
  under(box) {
    const keys = [];
    for (let x = Math.floor(box[0] / 64); x <= Math.floor(box[2] / 64); x++)
      for (let y = Math.floor(box[1] / 64); y <= Math.floor(box[3] / 64); y++) keys.push(x * 10007 + y);
    return keys;
  }
  add(box) {
    for (const key of this.under(box)) {
      if (this.squares.has(key)) this.squares.get(key).push(box);
      else this.squares.set(key, [box]);
    }
  }
  take(box) {
    for (const key of this.under(box))
      for (const o of this.squares.get(key) ?? [])
        if (box[0] < o[2] && box[2] > o[0] && box[1] < o[3] && box[3] > o[1]) return false;
    this.add(box);
    return true;
  }
}

const write = (ctx, text, x, y, font, color, halo = 3.5) => {
  ctx.font = font;
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineJoin = "round";
  ctx.strokeStyle = palette().paper;
  ctx.lineWidth = halo;
  ctx.title = "";
  ctx.strokeText(text, x, y);
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
};

// Name things in the order given, below their marks or above where below is taken.
const paintNames = (ctx, at, candidates, room, { must = new Set(), size = 12.5, most = 32 } = {}) => {
  let written = 0;
  for (const thing of candidates) {
    if (written >= MOST_NAMES) return;
    const [x, y, r] = [toX(things.x[thing], at), toY(things.y[thing], at), radius(thing, at)];
    if (x < -80 || x > at.w + 80 || y < -20 || y > at.h + 20) continue;
    const strong = must.has(thing);
    const text = clip(things.label[thing], most);
    const font = `${strong ? "600 " : ""}${size}px ${FACE}`;
    const half = widthOf(ctx, text, font) / 2 + 2;
    const places = [[x, y + r + size * 0.7 + 1], [x, y - r - size * 0.7 - 1], [x + r + half + 2, y], [x - r - half - 2, y]];
    const fits = ([middle]) => middle - half > 2 && middle + half < at.w - 2;
    const place = places.filter(fits).find(([middle, line]) => room.take([middle - half, line - size * 0.6, middle + half, line + size * 0.6]));
    if (!place && !strong) continue;
    written++;
    write(ctx, text, ...(place ?? places[0]), font, palette().ink);
  }
};
// Names keep clear of the marks of things.
const keepMarks = (at, list, room) => {
  for (const thing of list) {
    const [x, y, r] = [toX(things.x[thing], at), toY(things.y[thing], at), radius(thing, at) * 0.75];
    if (x > 0 && y > 0 && x < at.w && y < at.h) room.add([x - r, y - r, x + r, y + r]);
  }
};

// Names of relations along their lines, where there is room.
const paintWords = (ctx, at, list, room) => {
  const font = `11px ${FACE}`;
  for (const relation of list) {
    const p = trace(relation, at);
    const text = clip(wordOf(relation), 26);
    const width = widthOf(ctx, text, font);
    if (!p.loop && Math.hypot(p.x2 - p.x1, p.y2 - p.y1) < width + 24) continue;
    const [x, y] = along(p, 0.5);
    if (!room.take([x - width / 2 - 1, y - 8, x + width / 2 + 1, y + 8])) continue;
    write(ctx, text, x, y, font, palette().faint, 4);
  }
};

// The hub of each larger community first, then the best connected.
const hubs = (() => {
  const seen = new Set();
  const found = [];
  for (const thing of ranked) {
    if (seen.has(things.group[thing])) continue;
    seen.add(things.group[thing]);
    found.push(thing);
  }
  return found.slice(0, 60);
})();
const nameOrder = [...new Set([...ranked.slice(0, 12), ...hubs, ...ranked.slice(0, 1200)])];
// Near by, it is the things in sight that are named, whatever their rank.
let inOrder = nameOrder;
const orderNames = (at) => {
  inOrder = nameOrder;
  if (thingCount <= 1200) return;
  const seen = ranked.filter((i) => Math.abs(things.x[i] - at.x) * at.scale < at.w / 2 && Math.abs(things.y[i] - at.y) * at.scale < at.h / 2);
  if (seen.length < 3000) inOrder = seen.slice(0, 1200);
};
