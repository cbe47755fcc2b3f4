// Completion: keywords, variables of the text, and prefixes, classes, properties and things of the data.
import { get } from "./api.js";

const KEYWORDS = (
  "SELECT ASK CONSTRUCT DESCRIBE WHERE DISTINCT REDUCED FROM NAMED GRAPH OPTIONAL UNION MINUS FILTER BIND VALUES EXISTS NOT " +
  "GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET PREFIX BASE AS IN COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT BOUND COALESCE IF " +
  "STR LANG LANGMATCHES DATATYPE REGEX CONTAINS STRSTARTS STRENDS STRLEN LCASE UCASE CONCAT REPLACE YEAR MONTH DAY NOW isIRI isLITERAL"
).split(" ");
let words = { prefixes: {}, classes: [], properties: [] };

export async function learn() {
  words = await get("/api/vocabulary").catch(() => words);
}

const written = (cell) => (cell.name === cell.iri ? `<${cell.iri}>` : cell.name);

function option(cell, type, boost) {
  const detail = cell.text === cell.name ? "" : cell.text;
  const info = cell.count ? `${type}, ${cell.count} times` : type;
  return { label: written(cell), detail, type, boost, info };
}

const isClassAt = (context, from) => /(?:^|\s)a\s+$/.test(context.state.sliceDoc(Math.max(0, from - 12), from));

function fromText(context) {
  const word = context.matchBefore(/[?$]?[\w-]*(?::[\w-]*)?$/);
  if (!word || (word.from === word.to && !context.explicit)) return null;
  const text = context.state.doc.toString();
  const isClass = isClassAt(context, word.from);
  const variables = [...new Set(text.match(/[?$]\w+/g) ?? [])].filter((name) => name !== word.text);
  const known = [...text.matchAll(/PREFIX\s+([\w-]*):/gi)].map((found) => found[1]);
  const prefixes = [...new Set([...Object.keys(words.prefixes), ...known])];
  return {
    from: word.from,
    options: [
      ...words.classes.map((cell) => option(cell, "class", isClass ? 60 : 10)),
      ...(isClass ? [] : words.properties.map((cell) => option(cell, "property", 20))),
      ...prefixes.map((name) => ({ label: name + ":", type: "prefix", detail: words.prefixes[name] ?? "", boost: 5 })),
      ...variables.map((label) => ({ label, type: "variable", boost: 30 })),
      ...KEYWORDS.map((label) => ({ label, type: "keyword", boost: -10 })),
    ],
    validFor: /^[?$]?[\w-]*(?::[\w-]*)?$/,
  };
}

async function fromNames(context) {
  const word = context.matchBefore(/(?:[\w-]*:)?[\p{L}\p{N}_-]{2,}$/u);
  if (!word || context.matchBefore(/[?$]\w*$/) || isClassAt(context, word.from)) return null;
  const wanted = word.text.replace(/^[\w-]*:/, "").replaceAll("-", " ");
  const timer = new AbortController();
  context.addEventListener("abort", () => timer.abort());
  const found = await get("/api/search?q=" + encodeURIComponent(wanted), timer.signal).catch(() => null);
  if (!found || context.aborted) return null;
  // The server forgives slips: what is typed stands in the label, so that the editor keeps what need not contain it.
  const things = found.things.map((cell, at) => ({ ...option(cell, "thing", -20 - 3 * at), label: `${word.text} ${written(cell)}`, displayLabel: written(cell), apply: written(cell) }));
  return { from: word.from, options: things };
}

export const complete = [fromText, fromNames];
