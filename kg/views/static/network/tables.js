// The same as tables, with the same actions: things, relations and passages that pass the filters.
const ROWS = 200;
const order = { tab: "graph", by: 0, down: false, text: "", rows: ROWS };
const COLUMNS = {
  things: ["Name", "Class", "Years", "Relations"],
  relations: ["From", "Relation", "To", "Date", "Standing", "Passages"],
  passages: ["Words", "Standing", "Voice", "Source", "Place", "For"],
};
const saidWords = (relation) => [...new Set(data.said[relations.said[relation]].map(([, standing]) => data.standings[standing][0]))].join(", ");
const thingRow = (i) => [things.label[i], kindOf(i), yearsOf(things.from[i], things.to[i]), degree[i]];
const relationRow = (i) => [things.label[relations.s[i]], wordOf(i), things.label[relations.t[i]], dateOf(i), saidWords(i), relations.n[i]];
const passageRow = ({ relation, passage }) => [passage.quote ?? "", standingOf(passage), passage.voice ?? "", titleOf(passage), placeOf(passage), sentence(relation)];

const rowsOf = async (tab) => {
  const on = (mask) => [...mask.keys()].filter((i) => mask[i]);
  if (tab === "things") return on(thingOn).map((i) => ({ cells: thingRow(i), go: () => chooseThing(i) }));
  if (tab === "relations") return on(relationOn).map((i) => ({ cells: relationRow(i), go: () => chooseRelation(i) }));
  const rows = [];
  for (const relation of on(relationOn))
    for (const passage of await passagesOf(relation))
      if (!off.sources.has(passage.source) && !off.standings.has(passage.standing))
        rows.push({ cells: passageRow({ relation, passage }), go: () => chooseRelation(relation) });
  return rows;
};
const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));

let asked = 0;
const showTable = async () => {
  if (order.tab === "graph") return;
  const mine = ++asked;
  const all = await rowsOf(order.tab);
  if (mine !== asked) return;
  const wanted = fold(order.text);
  const rows = wanted ? all.filter((row) => row.cells.some((cell) => fold(String(cell)).includes(wanted))) : all;
  rows.sort((a, b) => (order.down ? -1 : 1) * compare(a.cells[order.by], b.cells[order.by]));
  const table = make("table");
  table.append(make("caption", `${figure(Math.min(order.rows, rows.length))} of ${counted(rows.length, "row")}${rows.length < all.length ? `, ${figure(all.length)} before searching` : ""}`), tableHead());
  const body = make("tbody");
  for (const row of rows.slice(0, order.rows)) body.append(tableRow(row));
  table.append(body);
  const place = byId("rows");
  place.replaceChildren(table);
  if (rows.length > order.rows)
    place.append(button(`${figure(Math.min(ROWS, rows.length - order.rows))} more of ${figure(rows.length - order.rows)}`, () => {
      order.rows += ROWS;
      showTable();
    }, { class: "more" }));
  place.dataset.rows = rows.length;
};
const tableHead = () => {
  const head = make("thead");
  const line = make("tr");
  COLUMNS[order.tab].forEach((name, column) => {
    const sorted = order.by === column ? (order.down ? "descending" : "ascending") : "none";
    const cell = make("th", "", { scope: "col", "aria-sort": sorted });
    cell.append(button(name + { none: "", ascending: " ▲", descending: " ▼" }[sorted], () => {
      Object.assign(order, { down: order.by === column && !order.down, by: column });
      showTable();
    }));
    line.append(cell);
  });
  head.append(line);
  return head;
};
const tableRow = (row) => {
  const line = make("tr");
  row.cells.forEach((cell, column) => {
    const place = make(column ? "td" : "th", "", column ? {} : { scope: "row" });
    const text = typeof cell === "number" ? figure(cell) : clip(cell, 300);
    place.append(column ? named(text) : button(named(text || "(cited without its words)"), () => {
      showTab("graph");
      row.go();
      panel.querySelector("h2")?.focus();
    }, { class: "thing" }));
    line.append(place);
  });
  return line;
};

const TABS = ["graph", "things", "relations", "passages"];
const showTab = (tab) => {
  if (order.tab !== tab) Object.assign(order, { tab, by: 0, down: false, rows: ROWS });
  for (const name of TABS) byId(`tab-${name}`).setAttribute("aria-pressed", String(name === tab));
  byId("picture").hidden = tab !== "graph";
  byId("table").hidden = tab === "graph";
  if (tab === "graph") {
    network.setSize("100%", "100%");
    redraw();
  }
  showTable();
  keepLink();
};
for (const name of TABS) byId(`tab-${name}`).addEventListener("click", () => showTab(name));
byId("narrow").addEventListener("input", (event) => {
  Object.assign(order, { text: event.target.value, rows: ROWS });
  showTable();
});
