// Where things and relations lie on the screen, and what lies under a point. All in pixels of the drawing.
const CELL = 200;
// On an upright screen the graph is turned, for it is laid out wider than high.
const isTurned = byId("graph").clientHeight > 1.15 * byId("graph").clientWidth;
if (isTurned) [things.x, things.y] = [things.y, things.x];
const view = { x: 0, y: 0, scale: 1, w: 1, h: 1, fit: 1 };
const toX = (x, at = view) => (x - at.x) * at.scale + at.w / 2;
const toY = (y, at = view) => (y - at.y) * at.scale + at.h / 2;

const crowd = Math.min(1, Math.max(0.3, Math.sqrt(250 / Math.max(thingCount, 1))));
const growth = (at = view) => Math.min(2.6, Math.max(0.45, (at.scale / at.fit) ** 0.45));
// Marks grow with what a thing is tied to, as far as they do not cover their neighbours.
const APART = thingCount > 2000 ? 45 : 62;
const radius = (thing, at = view) =>
  Math.max(1, Math.min(Math.min(15, 4 + 1.5 * Math.sqrt(degree[thing])) * crowd * growth(at), Math.max(3, APART * at.scale * 0.45)));

// A relation's path: start, control, end; for one from a thing to itself, a loop above it.
const path = { x1: 0, y1: 0, cx: 0, cy: 0, x2: 0, y2: 0, loop: 0, straight: true };
const trace = (relation, at = view) => {
  const [s, t] = [relations.s[relation], relations.t[relation]];
  path.x1 = toX(things.x[s], at);
  path.y1 = toY(things.y[s], at);
  path.x2 = toX(things.x[t], at);
  path.y2 = toY(things.y[t], at);
  path.loop = s === t ? radius(s, at) * 1.6 + 9 + (bend[relation] + siblings[relation] / 2) * 4 : 0;
  path.straight = !bend[relation];
  path.cx = (path.x1 + path.x2) / 2;
  path.cy = (path.y1 + path.y2) / 2;
  if (path.straight || path.loop) return path;
  const [dx, dy] = s < t ? [path.x2 - path.x1, path.y2 - path.y1] : [path.x1 - path.x2, path.y1 - path.y2];
  const step = Math.min(0.36, 1.6 / siblings[relation]) * bend[relation];
  path.cx -= dy * step;
  path.cy += dx * step;
  return path;
};
const along = (p, share) => {
  const rest = 1 - share;
  if (p.loop) {
    const [a, b, c] = [3 * rest * rest * share, 3 * rest * share * share, rest ** 3 + share ** 3];
    return [p.x1 * c + (p.x1 - p.loop) * a + (p.x1 + p.loop) * b, p.y1 * c + (p.y1 - 2 * p.loop) * (a + b)];
  }
  return [
    rest * rest * p.x1 + 2 * rest * share * p.cx + share * share * p.x2,
    rest * rest * p.y1 + 2 * rest * share * p.cy + share * share * p.y2,
  ];
};

let cells = new Map();
const cellOf = (x, y) => `${Math.floor(x / CELL)} ${Math.floor(y / CELL)}`;
const fillCells = () => {
  cells = new Map();
  for (let i = 0; i < thingCount; i++) {
    const cell = cellOf(things.x[i], things.y[i]);
    if (cells.has(cell)) cells.get(cell).push(i);
    else cells.set(cell, [i]);
  }
};

const thingAt = (px, py, slack = 3) => {
  const [x, y] = [(px - view.w / 2) / view.scale + view.x, (py - view.h / 2) / view.scale + view.y];
  const reach = Math.min((22 + slack) / view.scale, 12 * CELL);
  let [best, nearest] = [-1, Infinity];
  for (let cx = Math.floor((x - reach) / CELL); cx <= Math.floor((x + reach) / CELL); cx++)
    for (let cy = Math.floor((y - reach) / CELL); cy <= Math.floor((y + reach) / CELL); cy++)
      for (const thing of cells.get(`${cx} ${cy}`) ?? []) {
        if (!thingOn[thing]) continue;
        const far = Math.hypot(things.x[thing] - x, things.y[thing] - y) * view.scale - radius(thing) * 1.15;
        if (far < nearest && far <= slack) [best, nearest] = [thing, far];
      }
  return best;
};

const toSegment = (px, py, x1, y1, x2, y2) => {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const share = Math.max(0, Math.min(1, ((px - x1) * dx + (py - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(px - x1 - share * dx, py - y1 - share * dy);
};
const toPath = (px, py, p) => {
  if (p.straight && !p.loop) return toSegment(px, py, p.x1, p.y1, p.x2, p.y2);
  let [nearest, last] = [Infinity, [p.x1, p.y1]];
  for (let i = 1; i <= 16; i++) {
    const next = along(p, i / 16);
    nearest = Math.min(nearest, toSegment(px, py, ...last, ...next));
    last = next;
  }
  return nearest;
};
// All relations near a point, the nearest first; `among` narrows the search to what is in focus.
const relationsAt = (px, py, slack = 5, among = null) => {
  const found = [];
  const x = (px - view.w / 2) / view.scale + view.x;
  const y = (py - view.h / 2) / view.scale + view.y;
  const reach = slack / view.scale;
  const look = (i) => {
    if (!relationOn[i]) return;
    const [s, t] = [relations.s[i], relations.t[i]];
    const room = s === t ? 80 / view.scale + 4 * siblings[i] / view.scale : reach + (bend[i] ? Math.hypot(things.x[s] - things.x[t], things.y[s] - things.y[t]) * 0.85 : 0);
    if (x < Math.min(things.x[s], things.x[t]) - room || x > Math.max(things.x[s], things.x[t]) + room) return;
    if (y < Math.min(things.y[s], things.y[t]) - room || y > Math.max(things.y[s], things.y[t]) + room) return;
    const far = toPath(px, py, trace(i));
    if (far <= slack) found.push([far, i]);
  };
  if (among) among.forEach(look);
  else for (let i = 0; i < relationCount; i++) look(i);
  return found.sort((a, b) => a[0] - b[0]).map(([, relation]) => relation);
};

// The rectangle that holds what is shown, in the data's own units.
const extent = (only = null) => {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const take = (i) => {
    if (!thingOn[i]) return;
    box[0] = Math.min(box[0], things.x[i]);
    box[1] = Math.min(box[1], things.y[i]);
    box[2] = Math.max(box[2], things.x[i]);
    box[3] = Math.max(box[3], things.y[i]);
  };
  if (only) only.forEach(take);
  else for (let i = 0; i < thingCount; i++) take(i);
  return box[0] <= box[2] ? box : [-100, -100, 100, 100];
};
