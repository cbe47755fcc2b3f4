// Seen from afar a large graph is a map of its communities: one disc for each, named after its best connected thing.
const MOST_DISCS = 120;
const STRONGEST = 2;
const AFAR = 0.085; // below this scale things lie closer than a person can tell apart
const MANY_THINGS = 1500;
let wantsOverview = thingCount > MANY_THINGS;
const afar = () => Math.max(AFAR, view.fit * 1.25);
const isAfar = (at = view) => wantsOverview && shown.things > MANY_THINGS && at.scale < afar();

let discs = [];
let bonds = [];
const gather = () => {
  const groups = new Map();
  for (const thing of ranked) {
    if (!thingOn[thing]) continue;
    const group = things.group[thing];
    const disc = groups.get(group) ?? { group, hub: thing, size: 0, x: 0, y: 0, kinds: new Map(), members: [] };
    groups.set(group, disc);
    disc.size++;
    disc.x += things.x[thing];
    disc.y += things.y[thing];
    disc.kinds.set(things.kind[thing], (disc.kinds.get(things.kind[thing]) ?? 0) + 1);
    if (disc.members.length < 40) disc.members.push(thing);
  }
  discs = [...groups.values()].filter((disc) => disc.size > 2).sort((a, b) => b.size - a.size || a.group - b.group).slice(0, MOST_DISCS);
  for (const disc of discs) {
    disc.x /= disc.size;
    disc.y /= disc.size;
    disc.kind = [...disc.kinds].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0][0];
  }
  bonds = bondsOf(new Map(discs.map((disc) => [disc.group, disc])));
};
const bondsOf = (kept) => {
  const found = new Map();
  for (let i = 0; i < relationCount; i++) {
    if (!relationOn[i]) continue;
    const [a, b] = [things.group[relations.s[i]], things.group[relations.t[i]]];
    if (a === b || !kept.has(a) || !kept.has(b)) continue;
    const pair = Math.min(a, b) * 1e6 + Math.max(a, b);
    found.set(pair, (found.get(pair) ?? 0) + 1);
  }
  const sorted = [...found].map(([pair, size]) => ({ a: kept.get(Math.floor(pair / 1e6)), b: kept.get(pair % 1e6), size })).sort((a, b) => b.size - a.size);
  const drawn = new Map(); // of each disc the strongest ties, or the map is a ball of wool
  return sorted.filter(({ a, b }) => {
    const [na, nb] = [drawn.get(a) ?? 0, drawn.get(b) ?? 0];
    if (na >= STRONGEST && nb >= STRONGEST) return false;
    drawn.set(a, na + 1);
    drawn.set(b, nb + 1);
    return true;
  });
};

const discRadius = (disc, at) => Math.max(4, 0.42 * 100 * Math.sqrt(disc.size) * at.scale);
const paintOverview = (ctx, at) => {
  const most = bonds.length ? bonds[0].size : 1;
  ctx.strokeStyle = palette().line;
  for (const { a, b, size } of bonds) {
    ctx.globalAlpha = 0.2 + 0.3 * (size / most);
    ctx.lineWidth = 0.8 + 5 * Math.sqrt(size / most);
    ctx.title = "";
    ctx.beginPath();
    ctx.moveTo(toX(a.x, at), toY(a.y, at));
    ctx.lineTo(toX(b.x, at), toY(b.y, at));
    ctx.stroke();
  }
  ctx.globalAlpha = 1;
  const room = new Room();
  for (const disc of discs) {
    ctx.beginPath();
    const [x, y, r] = [toX(disc.x, at), toY(disc.y, at), discRadius(disc, at)];
    ctx.moveTo(x + r, y);
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    ctx.fillStyle = colorOf(disc.kind);
    ctx.strokeStyle = disc === heldDisc ? palette().ink : palette().paper;
    ctx.lineWidth = disc === heldDisc ? 3 : 1.5;
    ctx.kind = "community";
    ctx.title = `${things.label[disc.hub]} and ${disc.size - 1} more`;
    ctx.globalAlpha = 0.85;
    ctx.fill();
    ctx.globalAlpha = 1;
    ctx.stroke();
  }
  for (const disc of discs) {
    const [x, y] = [toX(disc.x, at), toY(disc.y, at)];
    const text = clip(things.label[disc.hub], 24);
    const font = `600 12.5px ${FACE}`;
    const half = Math.max(widthOf(ctx, text, font), 30) / 2 + 2;
    if (!room.take([x - half, y - 15, x + half, y + 15])) continue;
    write(ctx, text, x, y - 7, font, palette().ink);
    write(ctx, figure(disc.size), x, y + 8, `11px ${FACE}`, palette().ink);
  }
};
let heldDisc = null;
const discAt = (px, py) =>
  discs
    .map((disc) => [Math.hypot(px - toX(disc.x), py - toY(disc.y)) - discRadius(disc, view), disc])
    .filter(([far]) => far < 4)
    .sort((a, b) => a[0] - b[0])[0]?.[1] ?? null;
