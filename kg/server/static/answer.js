// Read: the answer as a table, sorted and paged, with the evidence of the chosen row beside it.
import { post } from "./api.js";
import { address, byId, make, term } from "./dom.js";

const PAGE = 50;

export function show(asked, answer) {
  const said = byId("said");
  const table = byId("table");
  byId("evidence").replaceChildren(make("p", {}, "Choose a row to see the words behind it."));
  table.replaceChildren();
  if (answer.form === "ask") {
    said.textContent = answer.truth ? "Yes." : "No.";
    return;
  }
  const state = { asked, answer, rows: [...answer.rows], from: 0, column: -1, isDown: false };
  draw(state);
}

function draw(state) {
  const { answer, rows, from } = state;
  const total = answer.is_exact ? answer.total : `more than ${answer.total}`;
  const until = Math.min(from + PAGE, rows.length);
  byId("said").textContent = rows.length
    ? `Showing ${from + 1}–${until} of ${rows.length} rows${rows.length < answer.total ? ` read, of ${total}; add a LIMIT or download for the rest` : ""}.`
    : "No rows.";
  const head = make("tr", {}, ...answer.variables.map((name, at) => header(state, name, at)), make("th", {}, "evidence"));
  const body = rows.slice(from, until).map((row) => line(state, row));
  const pages = [
    make("button", { type: "button", disabled: from === 0, onclick: () => turn(state, -PAGE) }, "Back"),
    make("button", { type: "button", disabled: until >= rows.length, onclick: () => turn(state, PAGE) }, "On"),
  ];
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  byId("table").replaceChildren(table, make("p", { hidden: rows.length <= PAGE }, ...pages));
}

function turn(state, by) {
  state.from += by;
  draw(state);
}

function header(state, name, at) {
  const button = make("button", { type: "button", onclick: () => sort(state, at) }, name);
  const th = make("th", { scope: "col" }, button);
  if (state.column === at) th.ariaSort = state.isDown ? "descending" : "ascending";
  return th;
}

function sort(state, at) {
  state.isDown = state.column === at && !state.isDown;
  state.column = at;
  const sign = state.isDown ? -1 : 1;
  const text = (row) => row[at]?.text ?? "";
  state.rows.sort((a, b) => sign * text(a).localeCompare(text(b), undefined, { numeric: true }));
  state.from = 0;
  draw(state);
}

function line(state, row) {
  const why = make("button", { type: "button" }, "why?");
  const tr = make("tr", {}, ...row.map((cell) => make("td", {}, term(cell))), make("td", {}, why));
  why.onclick = () => explain(state, row, tr);
  return tr;
}

async function explain(state, row, tr) {
  const panel = byId("evidence");
  for (const other of tr.parentNode.children) other.ariaSelected = String(other === tr);
  panel.replaceChildren(make("p", {}, "Looking …"));
  try {
    const body = { ...state.asked, row: row.map((cell) => cell && cell.nt) };
    panel.replaceChildren(...evidence(await post("/api/evidence", body)));
  } catch (error) {
    panel.replaceChildren(make("p", { className: "error" }, error.message));
  }
}

function evidence(found) {
  const parts = [make("h2", {}, `Evidence: ${found.status}`)];
  found.witnesses.forEach((witness, at) => {
    if (found.witnesses.length > 1) parts.push(make("h3", {}, `Way ${at + 1}`));
    for (const statement of witness.statements) parts.push(...stated(statement));
    for (const absence of witness.absences) {
      parts.push(make("p", {}, `No passage in this corpus states: ${absence.pattern}`));
    }
  });
  for (const reason of found.reasons) parts.push(make("p", {}, reason));
  return parts;
}

function stated(statement) {
  const words = statement.terms.flatMap((cell) => [term(cell), " "]);
  const quotes = statement.passages.map((passage) =>
    make("blockquote", { dir: "auto" }, make("a", { href: address(passage.name) + "#words" }, passage.citation)),
  );
  return [make("p", {}, ...words), ...quotes, statement.curated ? make("p", {}, "Curated by the editors.") : null].filter(Boolean);
}
