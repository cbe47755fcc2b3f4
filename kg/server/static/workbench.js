// Ask: saved questions with their forms, SPARQL of one's own, history, and all of it in the address.
import { ask, redraw } from "./answer.js";
import { get } from "./api.js";
import { learn } from "./completion.js";
import { byId, disputed, make } from "./dom.js";
import { createEditor } from "./editor.js";
import { watchFinding } from "./find.js";
import { openGraph, showProjections } from "./see.js";
import { offerLanguages } from "./tongue.js";

const MOST_KEPT = 50;
const FIRST = "SELECT ?person ?name WHERE {\n  ?person a kg:Person ;\n    rdfs:label ?name .\n}\nORDER BY ?name";
const FILES = {
  graph: { Turtle: ["text/turtle", "ttl"], "N-Triples": ["application/n-triples", "nt"], "JSON-LD": ["application/ld+json", "jsonld"], "RDF/XML": ["application/rdf+xml", "rdf"] },
  select: { CSV: ["text/csv", "csv"], TSV: ["text/tab-separated-values", "tsv"], JSON: ["application/sparql-results+json", "json"], XML: ["application/sparql-results+xml", "xml"] },
};
const TYPES = { integer: "number", year: "number" };
let questions = [];
let running = null;
let last = null;
let generation = 0;
let kept = "kg-history";
const editor = createEditor(byId("editor"), () => run());

const chosen = () => questions.find((question) => question.name === byId("saved").value);
const fields = () => [...byId("parameters").querySelectorAll("input")];

function choose(name) {
  byId("saved").value = name;
  const question = chosen();
  byId("about").textContent = question ? question.description : "";
  if (question) editor.text = question.text;
  editor.fix(Boolean(question));
  byId("edit").hidden = !question;
  byId("parameters").replaceChildren(...(question?.parameters ?? []).map(field));
}

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
  byId("stop").disabled = false;
  byId("said").textContent = "Asking …";
  byId("answer").ariaBusy = "true";
  remember(wanted, isNew);
  try {
    const answer = await ask(wanted, mine.signal);
    last = wanted;
    editor.mark(null);
    downloads(answer);
  } catch (error) {
    if (running === mine) fail(error);
  }
  if (running !== mine) return;
  byId("stop").disabled = true;
  byId("answer").ariaBusy = "false";
}

function downloads(answer) {
  const wanted = last;
  const buttons = Object.entries(FILES[answer.form] ?? {}).map(([title, file]) => make("button", { type: "button", onclick: () => save(wanted, ...file) }, title));
  byId("downloads").replaceChildren(...(buttons.length ? ["Download all: ", ...buttons] : []));
}

const fetchAs = (wanted, Accept) => {
  if (!questions.some((question) => question.name === wanted.question)) {
    return fetch("/sparql", { method: "POST", headers: { Accept, "Content-Type": "application/sparql-query" }, body: wanted.question });
  }
  return fetch(`/answer/${encodeURIComponent(wanted.question)}?${parametersOf(wanted)}`, { headers: { Accept } });
};

async function save(wanted, type, ending) {
  try {
    const response = await fetchAs(wanted, type);
    if (!response.ok) throw new Error(response.statusText);
    const href = URL.createObjectURL(await response.blob());
    make("a", { href, download: "answer." + ending }).click();
    URL.revokeObjectURL(href);
  } catch {
    byId("said").textContent = "The download broke off: the answer is larger than this server gives, or took too long.";
  }
}

function fail(error) {
  byId("table").replaceChildren();
  byId("pages").hidden = true;
  byId("downloads").replaceChildren();
  byId("said").replaceChildren(make("span", { className: "error" }, error.name === "AbortError" ? "Stopped." : error.message));
  if (error.line && !chosen()) editor.goTo(error);
}

const parametersOf = (wanted) => new URLSearchParams(Object.entries(wanted.values).map(([name, value]) => ["p." + name, value]));
const link = (wanted) => "#" + new URLSearchParams([["q", wanted.question], ...parametersOf(wanted)]);

function remember(wanted, isNew) {
  const hash = link(wanted);
  // What was come back to is no new step, or there would be no way back behind it.
  if (location.hash !== hash) history[isNew ? "pushState" : "replaceState"](null, "", "/" + hash);
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
  if (wanted) run({ isNew: false });
  else offer();
}

// Before anything is asked: what could be.
function offer() {
  byId("said").textContent = questions.length ? "Choose a question, or write your own." : "Write a question above.";
  const items = questions.map((q) => make("li", {}, make("a", { href: "/question/" + encodeURIComponent(q.name) }, q.title)));
  byId("table").replaceChildren(make("ul", {}, ...items));
}

async function watch() {
  const status = await get("/api/status").catch(() => ({ problem: "The server does not answer.", generation }));
  byId("problem").hidden = !status.problem;
  byId("problem").textContent = status.problem && `The files on disk could not be read; this is what stood before. ${status.problem}`;
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
  const { text } = chosen();
  choose("");
  editor.text = text;
  editor.focus();
};
byId("run").onclick = () => run();
byId("stop").onclick = () => running?.abort();
byId("see").onclick = () => openGraph(null);
byId("see-answer").onclick = () => openGraph(last);
byId("hide-picture").onclick = () => (byId("picture-place").hidden = true);
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
