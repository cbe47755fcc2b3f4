// Drawing on any canvas, or on the SVG writer that looks like one. A painter stops often, so that it can be sliced.
const BATCH = 400;
const PLAIN = 8000; // from so many lines in sight on they are straight and solid

const inSight = (at) => {
  const [halfW, halfH] = [at.w / 2 / at.scale + 60, at.h / 2 / at.scale + 60];
  const found = [];
  for (let i = 0; i < relationCount; i++) {
    if (!relationOn[i]) continue;
    const [s, t] = [relations.s[i], relations.t[i]];
    const [x1, x2, y1, y2] = [things.x[s], things.x[t], things.y[s], things.y[t]];
    if (Math.min(x1, x2) > at.x + halfW || Math.max(x1, x2) < at.x - halfW) continue;
    if (Math.min(y1, y2) > at.y + halfH || Math.max(y1, y2) < at.y - halfH) continue;
    found.push(i);
  }
  return found;
};

// A line that is much longer than the picture is drawn where it passes through: dashing the rest takes seconds.
const LONG = 2500;
const addPieces = (ctx, p, at, count) => {
  let last = [p.x1, p.y1];
  for (let i = 1; i <= count; i++) {
    const next = along(p, i / count);
    const [left, right] = [Math.min(last[0], next[0]), Math.max(last[0], next[0])];
    const [top, bottom] = [Math.min(last[1], next[1]), Math.max(last[1], next[1])];
    if (right > -20 && left < at.w + 20 && bottom > -20 && top < at.h + 20) {
      ctx.moveTo(...last);
      ctx.lineTo(...next);
    }
    last = next;
  }
};
const addPath = (ctx, p, at) => {
  const length = Math.hypot(p.x2 - p.x1, p.y2 - p.y1);
  if (length > LONG) {
    addPieces(ctx, p, at, Math.min(400, Math.ceil(length / 300)));
    return;
  }
  ctx.moveTo(p.x1, p.y1);
  if (p.loop) ctx.bezierCurveTo(p.x1 - p.loop, p.y1 - 2 * p.loop, p.x1 + p.loop, p.y1 - 2 * p.loop, p.x1, p.y1);
  else if (p.straight) ctx.lineTo(p.x2, p.y2);
  else ctx.quadraticCurveTo(p.cx, p.cy, p.x2, p.y2);
};
// An arrow's tip touches the edge of the thing it points at; a short line has none.
const addArrow = (ctx, p, target, size, at) => {
  if (!p.loop && Math.hypot(p.x2 - p.x1, p.y2 - p.y1) < 3 * size + 2 * radius(target, at)) return;
  const [fx, fy] = p.loop ? along(p, 0.92) : p.straight ? [p.x1, p.y1] : [p.cx, p.cy];
  const angle = Math.atan2(p.y2 - fy, p.x2 - fx);
  const gap = radius(target, at) * 1.1 + 1;
  const [x, y] = [p.x2 - gap * Math.cos(angle), p.y2 - gap * Math.sin(angle)];
  ctx.moveTo(x, y);
  ctx.lineTo(x - size * Math.cos(angle - 0.4), y - size * Math.sin(angle - 0.4));
  ctx.lineTo(x - size * Math.cos(angle + 0.4), y - size * Math.sin(angle + 0.4));
  ctx.closePath();
};
// Where sources disagree, a mark stands at the middle of the line: two strokes through it.
const addMark = (ctx, p) => {
  const [x, y] = along(p, 0.5);
  ctx.moveTo(x - 5, y - 4);
  ctx.lineTo(x + 1, y + 4);
  ctx.moveTo(x - 1, y - 4);
  ctx.lineTo(x + 5, y + 4);
};

// Draw relations, one style after another, in batches.
function* paintRelations(ctx, at, list, { color, width, alpha, arrows = true, batch = BATCH, plain = false }) {
  ctx.globalAlpha = alpha;
  for (let line = 0; line < DASHES.length; line++) {
    const these = plain ? (line ? [] : list) : list.filter((i) => lineOf[relations.said[i]] === line);
    for (let start = 0; start < these.length; start += batch) {
      const some = these.slice(start, start + batch);
      ctx.strokeStyle = ctx.fillStyle = color;
      ctx.lineWidth = width;
      ctx.setLineDash(plain ? [] : DASHES[line]);
      ctx.title = batch === 1 ? sentence(some[0]) : "";
      ctx.kind = "relation";
      ctx.beginPath();
      for (const i of some) {
        const p = trace(i, at);
        if (plain) p.straight = true;
        addPath(ctx, p, at);
      }
      ctx.stroke();
      ctx.setLineDash([]);
      if (arrows) {
        ctx.beginPath();
        for (const i of some) addArrow(ctx, trace(i, at), relations.t[i], 4 + 2.5 * width, at);
        ctx.fill();
      }
      const disputed = some.filter((i) => relations.conflict[i]);
      if (disputed.length && !plain) {
        ctx.strokeStyle = palette().conflict;
        ctx.lineWidth = 2;
        ctx.beginPath();
        for (const i of disputed) addMark(ctx, trace(i, at));
        ctx.stroke();
      }
      yield;
    }
  }
  ctx.globalAlpha = 1;
}

const paintThing = (ctx, thing, x, y, r, ring = "") => {
  ctx.beginPath();
  outline(ctx, shapeOf(things.kind[thing]), x, y, r);
  ctx.fillStyle = colorOf(things.kind[thing]);
  ctx.strokeStyle = ring || palette().paper;
  ctx.lineWidth = ring ? 3 : 1.2;
  ctx.title = `${things.label[thing]} (${kindOf(thing)})`;
  ctx.kind = "thing";
  ctx.fill();
  ctx.stroke();
};

// Draw the things in sight; classes take turns, so that none lies on all the others.
function* paintThings(ctx, at) {
  const [halfW, halfH] = [at.w / 2 / at.scale + 20, at.h / 2 / at.scale + 20];
  const turns = thingCount > 2000 ? 8 : 1;
  const piles = Array.from({ length: turns }, () => data.kinds.map(() => []));
  for (let i = 0; i < thingCount; i++) {
    if (!thingOn[i]) continue;
    if (Math.abs(things.x[i] - at.x) > halfW || Math.abs(things.y[i] - at.y) > halfH) continue;
    piles[(Math.imul(i, 2654435761) >>> 16) % turns][things.kind[i]].push(i);
  }
  yield;
  for (const pile of piles)
    for (let kind = 0; kind < pile.length; kind++)
      for (let start = 0; start < pile[kind].length; start += BATCH) {
        ctx.beginPath();
        for (const i of pile[kind].slice(start, start + BATCH)) {
          const [x, y, r] = [toX(things.x[i], at), toY(things.y[i], at), radius(i, at)];
          if (r < 2.2) ctx.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
          else outline(ctx, shapeOf(kind), x, y, r);
        }
        ctx.fillStyle = colorOf(kind);
        ctx.fill();
        yield;
      }
}

// The whole background: every relation, then every thing.
function* paintBackground(ctx, at) {
  yield;
  const list = inSight(at);
  yield;
  const plain = list.length > PLAIN;
  const alpha = Math.max(0.1, Math.min(0.75, 14 / Math.sqrt(list.length + 1)));
  yield* paintRelations(ctx, at, list, {
    color: palette().line, width: plain ? 0.7 : 1.1, alpha, plain, arrows: list.length < 2500 && at.scale > 0.12,
  });
  yield* paintThings(ctx, at);
}
