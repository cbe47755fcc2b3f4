// Ask: saved questions with their forms, SPARQL of one's own, history, and all of it in the address.
import { ask, redraw } from "./answer.js";
import { get } from "./api.js";
import { learn } from "./completion.js";
import { byId, disputed, make } from "./dom.js";
import { offerFiles } from "./downloads.js";
import { createEditor } from "./editor.js";
import { watchFinding } from "./find.js";
import { openGraph, showProjections } from "./see.js";
import { offerLanguages } from "./tongue.js";

const MOST_KEPT = 50;
const FIRST = "SELECT ?person ?name WHERE {\n  ?person a kg:Person ;\n    rdfs:label ?name .\n}\nORDER BY ?name";
const VIEW = ["sort", "from", "row"];
const ANSWER = "*";
const TYPES = { integer: "number", year: "number" };
let questions = [];
let running = null;
let last = null;
let view = {};
let seen = "";
let generation = 0;
let kept = "kg-history";
const editor = createEditor(byId("editor"), () => run());

const chosen = () => questions.find((question) => question.name === byId("saved").value);
const fields = () => [...byId("parameters").querySelectorAll("input")];

function choose(name) {
  byId("saved").value = name;
  const question = chosen();
  byId("about").replaceChildren(...(question ? [question.description, " ", ...twins(question.name)] : []));
  if (question) editor.text = bare(question);
  editor.fix(Boolean(question));
  byId("edit").hidden = !question;
  byId("parameters").replaceChildren(...(question?.parameters ?? []).map(field));
}

function twins(name) {
  const path = "/question/" + encodeURIComponent(name);
  return [make("a", { href: path + ".json" }, "JSON"), " ", make("a", { href: path + ".ttl" }, "Turtle")];
}

// The page shows a question's title, description and parameters; its comments would say them again.
const bare = (question) => question.text.replace(/^#\+.*\n/gm, "").trim();

function field(parameter) {
  const id = `p-${parameter.name}`;
  const hint = parameter.description ? make("small", { id: id + "-hint" }, parameter.description) : null;
  const input = make("input", { id, name: parameter.name, value: parameter.default ?? "", type: TYPES[parameter.kind] ?? "text", autocomplete: "off" });
  if (hint) input.setAttribute("aria-describedby", hint.id);
  if (parameter.kind === "entity" || parameter.kind === "source") suggest(input, id + "-list");
  return make("p", {}, make("label", { htmlFor: id }, `${parameter.name} (${parameter.kind})`), input, make("datalist", { id: id + "-list" }), hint);
}

function suggest(input, list) {
  input.setAttribute("list", list);
  input.addEventListener("input", async () => {
    if (input.value.length < 2) return;
    const found = await get("/api/search?q=" + encodeURIComponent(input.value)).catch(() => ({ things: [] }));
    byId(list).replaceChildren(...found.things.map((cell) => make("option", { value: cell.name, label: cell.text })));
  });
}

function asked() {
  const question = chosen();
  if (!question) return { question: editor.text, values: {} };
  return { question: question.name, values: Object.fromEntries(fields().map((input) => [input.name, input.value])) };
}

async function run({ isNew = true } = {}) {
  const wanted = asked();
  if (!wanted.question.trim()) return;
  running?.abort();
  const mine = new AbortController();
  running = mine;
  if (isNew) leave();
  byId("stop").disabled = false;
  byId("said").textContent = "Asking …";
  byId("answer").ariaBusy = "true";
  remember(wanted, isNew);
  try {
    const answer = await ask(wanted, mine.signal, view, (now) => put("replaceState", (view = now)));
    editor.mark(null);
    offerFiles(answer.form, wanted, addressOf(wanted));
  } catch (error) {
    if (running === mine) fail(error);
  }
  if (running !== mine) return;
  byId("stop").disabled = true;
  byId("answer").ariaBusy = "false";
}

function fail(error) {
  byId("table").replaceChildren();
  byId("pages").hidden = true;
  byId("downloads").replaceChildren();
  byId("see-answer").hidden = true;
  byId("said").replaceChildren(make("span", { className: "error" }, error.name === "AbortError" ? "Stopped." : error.message));
  if (error.line && !chosen()) editor.goTo(error);
}

// The answer to a saved question has an address; what was written is posted.
const addressOf = (wanted) =>
  questions.some((question) => question.name === wanted.question) ? `/answer/${encodeURIComponent(wanted.question)}?${parametersOf(wanted)}` : null;

const parametersOf = (wanted) => new URLSearchParams(Object.entries(wanted.values).map(([name, value]) => ["p." + name, value]));
const link = (wanted, rest = []) => "#" + new URLSearchParams([["q", wanted.question], ...parametersOf(wanted), ...rest]);

// The whole state stands in the address: what was asked, how its table is read, and which graph is open.
function put(how) {
  const rest = Object.entries({ ...view, see: seen }).filter(([, value]) => value !== "");
  const hash = last ? link(last, rest) : rest.length ? "#" + new URLSearchParams(rest) : "";
  if (location.hash !== hash) history[how](null, "", "/" + hash);
}

function see(name) {
  seen = name;
  if (name) openGraph(name === ANSWER ? last : null);
  else byId("picture-place").hidden = true;
}

// A new question begins a table of its own, and the graph of the answer before it is not its own.
function leave() {
  view = {};
  if (seen === ANSWER) see("");
}

function remember(wanted, isNew) {
  const hash = link(wanted);
  // What was come back to is no new step, or there would be no way back behind it.
  const isStep = isNew && !(last && link(last) === hash);
  last = wanted;
  put(isStep ? "pushState" : "replaceState");
  const before = JSON.parse(localStorage.getItem(kept) ?? "[]").filter((old) => link(old) !== hash);
  localStorage.setItem(kept, JSON.stringify([wanted, ...before].slice(0, MOST_KEPT)));
  showHistory();
}

function showHistory() {
  const items = JSON.parse(localStorage.getItem(kept) ?? "[]");
  const words = (wanted) => [questions.find((q) => q.name === wanted.question)?.title ?? wanted.question, ...Object.values(wanted.values)].join(" · ").slice(0, 160);
  byId("history").replaceChildren(...items.map((wanted) => make("li", {}, make("a", { href: "/" + link(wanted) }, words(wanted)))));
}

function restore() {
  const state = new URLSearchParams(location.hash.slice(1));
  const named = location.pathname.match(/^\/question\/([^/]+)$/);
  const wanted = state.get("q") ?? (named ? decodeURIComponent(named[1]) : "");
  const isSaved = questions.some((question) => question.name === wanted);
  choose(isSaved ? wanted : "");
  if (wanted && !isSaved) editor.text = wanted;
  for (const input of fields()) input.value = state.get("p." + input.name) ?? input.value;
  view = Object.fromEntries(VIEW.map((name) => [name, state.get(name) ?? ""]));
  last = null;
  if (wanted) run({ isNew: false });
  else offer();
  const wished = state.get("see") ?? "";
  const isKnown = [...byId("projection").options].some((option) => option.value === wished);
  if (isKnown) byId("projection").value = wished;
  see(isKnown || (wished === ANSWER && last) ? wished : "");
}

// Before anything is asked: what could be.
function offer() {
  byId("said").textContent = questions.length ? "Choose a question, or write your own." : "Write a question above.";
  const items = questions.map((q) => make("li", {}, make("a", { href: "/question/" + encodeURIComponent(q.name) }, q.title)));
  byId("table").replaceChildren(make("ul", { className: "offer" }, ...items));
}

async function watch() {
  const status = await get("/api/status").catch(() => ({ problem: "The server does not answer.", generation }));
  byId("problem").hidden = !status.problem;
  const before = status.generation ? "; this is what stood before" : "";
  byId("problem").textContent = status.problem && `The files on disk could not be read${before}. ${status.problem}`;
  if (status.generation === generation) return;
  generation = status.generation;
  await load().catch(() => null);
}

async function load() {
  const project = await get("/api/questions");
  questions = project.questions;
  kept = "kg-history " + project.title;
  document.title = project.title;
  byId("title").textContent = project.title;
  showProjections(project.projections, project.projection);
  const now = byId("saved").value;
  byId("saved").replaceChildren(make("option", { value: "" }, "your own SPARQL"), ...questions.map((q) => make("option", { value: q.name }, q.title)));
  byId("saved").value = now;
  showHistory();
  learn();
  learnDisputes();
}

async function learnDisputes() {
  const found = await get("/api/conflicts").catch(() => []);
  disputed.clear();
  for (const conflict of found) disputed.set(conflict.subject.iri, [...(disputed.get(conflict.subject.iri) ?? []), conflict]);
  redraw();
}

byId("saved").onchange = () => choose(byId("saved").value);
byId("edit").onclick = () => {
  const text = bare(chosen());
  choose("");
  editor.text = text;
  editor.focus();
};
byId("run").onclick = () => run();
byId("stop").onclick = () => running?.abort();
const show = (name) => {
  see(name);
  put("replaceState");
  byId("picture-place").scrollIntoView({ block: "start" });
};
byId("see").onclick = () => show(byId("projection").value);
byId("see-answer").onclick = () => show(ANSWER);
byId("hide-picture").onclick = () => show("");
// A jump within the page is no question: it leaves the address, where the question stands, as it is.
document.querySelector(".skip").onclick = (event) => {
  event.preventDefault();
  byId("answer").focus();
};
window.addEventListener("popstate", restore);
watchFinding();
offerLanguages();
editor.text = FIRST;
byId("problem").hidden = true;
await load().catch((error) => {
  byId("problem").hidden = false;
  byId("problem").textContent = error.message;
});
restore();
generation = (await get("/api/status").catch(() => ({ generation: 0 }))).generation;
setInterval(watch, 3000);
