// What is seen, to take along: a picture as PNG or SVG, the data as CSV or Turtle.
const paintAll = (ctx, at, batch) => {
  ctx.globalAlpha = 1;
  ctx.fillStyle = palette().paper;
  ctx.fillRect(0, 0, at.w, at.h);
  const fore = new Set(hasFocus() ? focus.lit : []);
  if (!isAfar(at)) {
    const list = inSight(at);
    const alpha = Math.max(0.1, Math.min(0.75, 14 / Math.sqrt(list.length + 1)));
    exhaust(paintRelations(ctx, at, list, { color: palette().line, width: 1.1, alpha, batch, plain: list.length > PLAIN, arrows: list.length < 2500 }));
  }
  const paintThese = (test) => {
    for (let i = thingCount - 1; i >= 0; i--) {
      const thing = ranked[i];
      if (!thingOn[thing] || !test(thing)) continue;
      const [x, y] = [toX(things.x[thing], at), toY(things.y[thing], at)];
      if (x < -20 || y < -20 || x > at.w + 20 || y > at.h + 20) continue;
      paintThing(ctx, thing, x, y, radius(thing, at), thing === focus.thing ? palette().ink : "");
    }
  };
  if (!isAfar(at)) paintThese((thing) => !fore.has(thing));
  paintBetween(ctx, at, batch);
  paintThese((thing) => fore.has(thing));
  paintOver(ctx, at);
  write(ctx, `${clip(data.title, 90)} · ${byId("counts").textContent}`, at.w / 2, at.h - 12, `11px ${FACE}`, palette().faint);
};
const takePng = () => {
  see();
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [view.w * 2, view.h * 2];
  const ctx = sheet.getContext("2d");
  ctx.setTransform(2, 0, 0, 2, 0, 0);
  paintAll(ctx, { ...view }, BATCH);
  sheet.toBlob((blob) => download(blob, "image/png", "png"), "image/png");
};
const takeSvg = () => {
  see();
  const pen = new SvgPen();
  paintAll(pen, { ...view }, thingCount > 5000 ? BATCH : 1);
  download(pen.document(view.w, view.h, data.title), "image/svg+xml", "svg");
};

// A cell that a spreadsheet would take for a formula gets an apostrophe.
const csvCell = (value) => {
  const text = /^[=+\-@\t\r]/.test(String(value)) ? "'" + value : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
const takeCsv = () => {
  const rows = [["source", "source_iri", "relation", "relation_iri", "target", "target_iri", "date", "standing", "passages"]];
  for (let i = 0; i < relationCount; i++) {
    if (!relationOn[i]) continue;
    const [s, t] = [relations.s[i], relations.t[i]];
    rows.push([things.label[s], addressOf(s), wordOf(i), data.predicates[relations.r[i]][0], things.label[t], addressOf(t), dateOf(i), saidWords(i), relations.n[i]]);
  }
  download("\ufeff" + rows.map((row) => row.map(csvCell).join(",")).join("\r\n") + "\r\n", "text/csv", "csv");
};

const iri = (address) => (/^[a-z][a-z0-9+.-]*:/i.test(address) ? address : `urn:thing:${encodeURIComponent(address.toWellFormed())}`);
const written = (address) => `<${iri(address).replace(/[\u0000-\u0020<>"{}|^`\\]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0"))}>`;
const literal = (text) => JSON.stringify(text.toWellFormed()).replace(/\u007f/g, "\\u007F");
const turtle = () => {
  const lines = ["@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> ."];
  for (let i = 0; i < thingCount; i++) {
    if (!thingOn[i]) continue;
    const kind = data.kinds[things.kind[i]][0];
    lines.push(`${written(addressOf(i))} ${kind ? `a ${written(kind)} ; ` : ""}rdfs:label ${literal(things.label[i])} .`);
  }
  for (let i = 0; i < relationCount; i++) {
    if (!relationOn[i]) continue;
    const relation = data.predicates[relations.r[i]];
    lines.push(`${written(addressOf(relations.s[i]))} ${written(relation[0] || relation[1])} ${written(addressOf(relations.t[i]))} .`);
  }
  return lines.join("\n") + "\n";
};
const takeTurtle = () => download(turtle(), "text/turtle", "ttl");
for (const [name, action] of [["png", takePng], ["svg", takeSvg], ["csv", takeCsv], ["ttl", takeTurtle]]) byId(`take-${name}`).addEventListener("click", action);
// The menu closes when it has served, or when one turns away from it.
const closeMenu = () => byId("take").removeAttribute("open");
byId("take").addEventListener("click", (event) => event.target.tagName === "BUTTON" && closeMenu());
addEventListener("pointerdown", (event) => byId("take").contains(event.target) || closeMenu(), true);
