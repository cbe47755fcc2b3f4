// Read: the answer as a table, sorted and paged, with the evidence of the chosen row beside it.
import { post } from "./api.js";
import { byId, make, term } from "./dom.js";
import { explain } from "./evidence.js";

const PAGE = 50;
const READ = 1000;
const MOST_READ = 5000;
let current = null;
const figure = (number) => number.toLocaleString("en");

// `view` is how the table was left: what it is sorted by, from which row, and the row whose evidence is read.
export async function ask(asked, signal, view, keep) {
  const from = Math.max(0, Number(view.from) || 0);
  const limit = Math.min(MOST_READ, READ * Math.ceil((from + 1) / READ));
  const answer = await post("/api/ask", { ...asked, limit }, signal);
  byId("evidence").replaceChildren(make("p", {}, "Choose a row to see the words behind it."));
  byId("table").replaceChildren();
  byId("see-answer").hidden = answer.form === "ask";
  if (answer.form === "ask") byId("said").textContent = answer.truth ? "Yes." : "No.";
  current = answer.form === "ask" ? null : { asked, answer, keep, rows: answer.rows, from: 0, column: -1, isDown: false, chosen: null };
  if (current) takeUp(current, view, from);
  redraw();
  return answer;
}

function takeUp(state, view, from) {
  const { answer } = state;
  state.column = answer.variables.indexOf(view.sort?.replace("-", ""));
  state.isDown = view.sort?.startsWith("-") ?? false;
  if (state.column >= 0) arrange(state);
  state.from = Math.max(0, Math.min(from, answer.rows.length - 1));
  state.from -= state.from % PAGE;
  state.chosen = (view.row && answer.rows[Number(view.row)]) || null;
  if (state.chosen) explain(state.asked, state.chosen);
}

function keep({ answer, column, isDown, from, chosen, keep }) {
  const sort = column < 0 ? "" : (isDown ? "-" : "") + answer.variables[column];
  keep({ sort, from: from || "", row: chosen ? answer.rows.indexOf(chosen) : "" });
}

// Badges may be known later than the rows; a table in use keeps its focus.
export function redraw() {
  if (current && !byId("table").contains(document.activeElement)) draw(current);
}

function draw(state) {
  keep(state);
  const { answer, rows, from } = state;
  const until = Math.min(from + PAGE, rows.length);
  byId("said").textContent = said(state, until);
  const head = make("tr", {}, ...answer.variables.map((name, at) => header(state, name, at)), make("th", { scope: "col" }, "evidence"));
  const body = rows.slice(from, until).map((row) => line(state, row));
  const hasMore = answer.rows.length < answer.total || !answer.is_exact;
  const pages = [
    make("button", { type: "button", disabled: from === 0, onclick: () => turn(state, -PAGE) }, "Back"),
    make("button", { type: "button", disabled: until >= rows.length, onclick: () => turn(state, PAGE) }, "On"),
    hasMore ? make("button", { type: "button", onclick: (event) => readOn(state, event.target) }, `Read ${figure(READ)} more`) : null,
  ];
  const table = make("table", {}, make("thead", {}, head), make("tbody", {}, ...body));
  byId("table").replaceChildren(table);
  byId("pages").replaceChildren(...pages.filter(Boolean));
  byId("pages").hidden = rows.length <= PAGE && !hasMore;
}

function said(state, until) {
  const { answer, rows, from, column } = state;
  if (!rows.length) return "No rows.";
  const total = (answer.is_exact ? "" : "more than ") + figure(answer.total);
  const shown = `Showing ${figure(from + 1)}–${figure(until)} of ${total} ${answer.total === 1 ? "row" : "rows"}.`;
  if (rows.length >= answer.total) return shown;
  const sorted = column >= 0 ? "; the order is that of the rows read" : "";
  return `${shown} ${figure(rows.length)} are read${sorted}. Add a LIMIT, read on, or download for the rest.`;
}

async function readOn(state, button) {
  button.disabled = true;
  try {
    const more = await post("/api/ask", { ...state.asked, limit: READ, offset: state.answer.rows.length });
    state.answer.rows.push(...more.rows);
    if (state.rows !== state.answer.rows) state.rows.push(...more.rows);
    state.from = state.answer.rows.length - more.rows.length;
    if (state.column >= 0) arrange(state);
    draw(state);
  } catch (error) {
    byId("said").textContent = error.message;
  }
}

function turn(state, by) {
  state.from += by;
  draw(state);
  byId("table").focus();
}

function header(state, name, at) {
  const arrow = state.column === at ? (state.isDown ? " ↓" : " ↑") : "";
  const button = make("button", { type: "button", title: "Sort the rows read", onclick: () => sort(state, at) }, name + arrow);
  const th = make("th", { scope: "col" }, button);
  if (state.column === at) th.ariaSort = state.isDown ? "descending" : "ascending";
  return th;
}

function sort(state, at) {
  state.isDown = state.column === at && !state.isDown;
  state.column = at;
  state.from = 0;
  arrange(state);
  draw(state);
  byId("table").querySelectorAll("th button")[at].focus();
}

function arrange(state) {
  const sign = state.isDown ? -1 : 1;
  const text = (row) => row[state.column]?.text ?? "";
  state.rows = [...state.answer.rows].sort((a, b) => sign * text(a).localeCompare(text(b), undefined, { numeric: true }));
}

function line(state, row) {
  const words = row.map((cell) => cell?.text ?? "").join(", ");
  const why = make("button", { type: "button", "aria-label": `why? ${words}` }, "why?");
  const className = row === state.chosen ? "chosen" : "";
  const tr = make("tr", { className }, ...row.map((cell) => make("td", {}, term(cell))), make("td", {}, why));
  why.onclick = () => {
    for (const other of tr.parentNode.children) other.classList.toggle("chosen", other === tr);
    state.chosen = row;
    keep(state);
    explain(state.asked, row);
  };
  return tr;
}
