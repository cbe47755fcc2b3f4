// Ask: saved questions with their forms, SPARQL of one's own, history, and all of it in the address.
import { show } from "./answer.js";
import { get, post } from "./api.js";
import { byId, make, term } from "./dom.js";

let questions = [];
let running = null;
let generation = 0;

function chosen() {
  return questions.find((question) => question.name === byId("saved").value);
}

function choose(name) {
  byId("saved").value = name;
  const question = chosen();
  byId("about").textContent = question ? question.description : "";
  byId("query").value = question ? question.text : byId("query").value;
  byId("query").readOnly = Boolean(question);
  const fields = (question?.parameters ?? []).flatMap((parameter) => [
    make("label", { htmlFor: `p-${parameter.name}` }, `${parameter.name} (${parameter.kind})`),
    make("input", { id: `p-${parameter.name}`, name: parameter.name, value: parameter.default ?? "", title: parameter.description }),
  ]);
  byId("parameters").replaceChildren(...fields);
}

function asked() {
  const values = Object.fromEntries([...byId("parameters").querySelectorAll("input")].map((i) => [i.name, i.value]));
  const question = chosen();
  return question ? { question: question.name, values } : { question: byId("query").value, values: {} };
}

async function run() {
  const wanted = asked();
  running?.abort();
  running = new AbortController();
  byId("stop").disabled = false;
  byId("said").textContent = "Asking …";
  remember(wanted);
  try {
    const answer = await post("/api/ask", { ...wanted, limit: 1000 }, running.signal);
    show(wanted, answer);
    downloads(answer);
  } catch (error) {
    fail(error);
  }
  byId("stop").disabled = true;
}

function downloads(answer) {
  const files = answer.form === "graph" ? ["text/turtle", "application/n-triples"] : ["text/csv", "text/tab-separated-values", "application/sparql-results+json"];
  const isPlain = !chosen()?.parameters.length;
  byId("downloads").replaceChildren(...(isPlain ? files.map((type) => make("button", { type: "button", onclick: () => save(answer.query, type) }, type)) : []));
}

async function save(query, type) {
  const headers = { Accept: type, "Content-Type": "application/sparql-query" };
  const response = await fetch("/sparql", { method: "POST", headers, body: query });
  const href = URL.createObjectURL(await response.blob());
  make("a", { href, download: "answer." + { "text/csv": "csv", "text/turtle": "ttl", "application/n-triples": "nt", "text/tab-separated-values": "tsv" }[type] ?? "json" }).click();
  URL.revokeObjectURL(href);
}

function fail(error) {
  byId("table").replaceChildren();
  byId("said").replaceChildren(make("span", { className: "error" }, error.name === "AbortError" ? "Stopped." : error.message));
  if (!error.line) return;
  const lines = byId("query").value.split("\n").slice(0, error.line - 1);
  const at = lines.join("\n").length + (lines.length ? 1 : 0) + error.column - 1;
  byId("query").focus();
  byId("query").setSelectionRange(at, at + 1);
}

function remember(wanted) {
  const hash = "#" + new URLSearchParams({ q: wanted.question, ...Object.fromEntries(Object.entries(wanted.values).map(([k, v]) => ["p." + k, v])) });
  if (location.hash === hash) return;
  history.pushState(null, "", "/" + hash);
  byId("history").prepend(make("li", {}, make("a", { href: "/" + hash }, wanted.question.slice(0, 120))));
}

function restore() {
  const state = new URLSearchParams(location.hash.slice(1));
  const named = location.pathname.match(/^\/question\/([^/]+)$/);
  const wanted = state.get("q") ?? (named ? decodeURIComponent(named[1]) : "");
  const isSaved = questions.some((question) => question.name === wanted);
  choose(isSaved ? wanted : "");
  if (wanted && !isSaved) byId("query").value = wanted;
  for (const input of byId("parameters").querySelectorAll("input")) input.value = state.get("p." + input.name) ?? input.value;
  if (wanted) run();
}

async function find(event) {
  event.preventDefault();
  const found = await get("/api/search?q=" + encodeURIComponent(byId("name").value));
  byId("found").replaceChildren(...(found.length ? found.map((cell) => make("li", {}, term(cell))) : [make("li", {}, "Nothing has such a name.")]));
}

async function watch() {
  const status = await get("/api/status").catch(() => ({ problem: "The server does not answer.", generation }));
  byId("problem").hidden = !status.problem;
  byId("problem").textContent = status.problem && `The files on disk could not be read; this is what stood before. ${status.problem}`;
  if (status.generation !== generation) {
    generation = status.generation;
    await load();
  }
}

async function load() {
  const project = await get("/api/questions");
  questions = project.questions;
  document.title = project.title;
  byId("title").textContent = project.title;
  byId("see").href = "/view/" + encodeURIComponent(project.projection);
  const kept = byId("saved").value;
  byId("saved").replaceChildren(make("option", { value: "" }, "your own SPARQL"), ...questions.map((q) => make("option", { value: q.name }, q.title)));
  byId("saved").value = kept;
}

byId("saved").onchange = () => choose(byId("saved").value);
byId("run").onclick = run;
byId("stop").onclick = () => running?.abort();
byId("find").onsubmit = find;
// addEventListener, because a handler property that returns false cancels what the browser would do.
byId("see").addEventListener("click", () => { byId("picture-place").hidden = false; });
byId("query").addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") run();
});
window.onpopstate = restore;
byId("query").value = "SELECT ?thing ?name { ?thing a kg:Person ; rdfs:label ?name } ORDER BY ?name";
await load();
restore();
setInterval(watch, 3000);
