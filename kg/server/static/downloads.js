// The whole answer as a file, in every format that its form has.
import { byId, make } from "./dom.js";

const FILES = {
  ask: { JSON: ["application/sparql-results+json", "json"], XML: ["application/sparql-results+xml", "xml"], CSV: ["text/csv", "csv"] },
  graph: { Turtle: ["text/turtle", "ttl"], "N-Triples": ["application/n-triples", "nt"], "JSON-LD": ["application/ld+json", "jsonld"], "RDF/XML": ["application/rdf+xml", "rdf"] },
  select: { CSV: ["text/csv", "csv"], TSV: ["text/tab-separated-values", "tsv"], JSON: ["application/sparql-results+json", "json"], XML: ["application/sparql-results+xml", "xml"] },
};

export function offerFiles(form, wanted, address) {
  const buttons = Object.entries(FILES[form] ?? {}).map(([title, file]) => make("button", { type: "button", onclick: () => save(wanted, address, ...file) }, title));
  byId("downloads").replaceChildren("Download all: ", ...buttons);
}

function fetchAs(wanted, address, Accept) {
  if (address) return fetch(address, { headers: { Accept } });
  return fetch("/sparql", { method: "POST", headers: { Accept, "Content-Type": "application/sparql-query" }, body: wanted.question });
}

async function save(wanted, address, type, ending) {
  try {
    const response = await fetchAs(wanted, address, type);
    if (!response.ok) throw new Error(response.statusText);
    const href = URL.createObjectURL(await response.blob());
    make("a", { href, download: "answer." + ending }).click();
    URL.revokeObjectURL(href);
  } catch {
    byId("said").textContent = "The download broke off: the answer is larger than this server gives, or took too long.";
  }
}
