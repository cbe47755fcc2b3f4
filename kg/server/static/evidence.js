// The evidence of a row: the statements it rests on, their passages, and a citation of each to copy.
import { get, post } from "./api.js";
import { address, byId, copy, disputed, badge, make, term } from "./dom.js";

const STATUS = {
  supported: "Every statement that this row rests on, and where it stands.",
  "supported+absence": "This row rests on statements, and on what no passage states.",
  constant: "This row rests on no statement.",
  external: "This row rests on what nobody can look up again: another service, chance or the time.",
  partial: "Not all that this row rests on could be found.",
};
let asking = null;

export async function explain(asked, row) {
  const panel = byId("evidence");
  asking?.abort();
  asking = new AbortController();
  panel.replaceChildren(make("p", {}, "Looking …"));
  try {
    const body = { ...asked, row: row.map((cell) => cell && cell.nt) };
    panel.replaceChildren(...parts(await post("/api/evidence", body, asking.signal)));
  } catch (error) {
    if (error.name !== "AbortError") panel.replaceChildren(make("p", { className: "error" }, error.message));
  }
  if (innerWidth < 800) panel.scrollIntoView({ block: "start" });
}

function parts(found) {
  const made = [make("h2", {}, "Evidence"), make("p", { className: "hint" }, STATUS[found.status])];
  found.witnesses.forEach((witness, at) => {
    if (found.witnesses.length > 1) made.push(make("h3", {}, `Way ${at + 1}`));
    for (const statement of witness.statements) made.push(...stated(statement));
    for (const absence of witness.absences) {
      made.push(make("p", {}, "No passage in this corpus states: ", make("code", {}, absence.pattern)));
    }
  });
  for (const reason of found.reasons) made.push(make("p", {}, reason));
  return made;
}

function stated(statement) {
  const [subject, property] = statement.terms;
  const isDisputed = disputed.get(subject?.iri)?.some((conflict) => conflict.property?.iri === property?.iri);
  const words = statement.terms.flatMap((cell) => [term(cell), " "]);
  const quotes = statement.passages.map(quoted);
  const curated = statement.curated ? make("p", { className: "hint" }, "Curated by the editors.") : null;
  return [make("p", { className: "statement" }, ...words, isDisputed ? badge(subject) : null), ...quotes, curated].filter(Boolean);
}

function quoted(passage) {
  const words = passage.quote ? make("p", { dir: "auto" }, `“${passage.quote}”`) : null;
  const place = make("a", { href: address(passage.name) + "#words" }, passage.citation.split(" — ").at(-1));
  const said = [passage.standing, passage.voice].filter(Boolean).join(" by ");
  return make("blockquote", {}, words, make("p", {}, place, said && !passage.citation.includes(said) ? ` (${said})` : ""), citing(passage.name));
}

// A citation in three forms, fetched when it is opened.
export function citing(name) {
  const place = make("div", {});
  const details = make("details", { className: "cite" }, make("summary", {}, "Cite"), place);
  details.addEventListener("toggle", async () => {
    if (!details.open || place.childElementCount) return;
    try {
      const cited = await get("/api/citation?passage=" + encodeURIComponent(name));
      const forms = { "Chicago style": cited.chicago, BibTeX: cited.bibtex, "CSL-JSON": JSON.stringify(cited.csl, null, 1) };
      place.replaceChildren(...Object.entries(forms).flatMap(([title, text]) => form(title, text)));
    } catch (error) {
      place.replaceChildren(make("p", { className: "error" }, error.message));
    }
  });
  return details;
}

function form(title, text) {
  const button = make("button", { type: "button", "aria-label": `Copy ${title}` }, "Copy");
  button.onclick = () => copy(text, button);
  return [make("p", {}, make("b", {}, title), " ", button), make("pre", { tabIndex: 0, dir: "auto" }, text)];
}
