import { chosen } from "./api.js";

// Elements are made from text only; nothing of the data is ever read as HTML.
export const byId = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const suffix = chosen && "?language=" + encodeURIComponent(chosen);
export const address = (name) => "/thing/" + encodeURIComponent(name).replaceAll("%3A", ":") + suffix;

// What sources contradict each other about: the things by their IRIs.
export const disputed = new Map();

export function term(cell) {
  if (cell === null) return make("span", {}, "");
  const words = make("bdi", cell.language ? { lang: cell.language } : {}, cell.text);
  if (cell.type !== "iri") return words;
  const link = make("a", { href: address(cell.name), title: cell.iri }, words);
  return disputed.has(cell.iri) ? make("span", {}, link, " ", badge(cell)) : link;
}

export const badge = (cell) =>
  make("a", { className: "badge", href: address(cell.name) + "#disputed", title: "Sources contradict each other here" }, "disputed");

export async function copy(text, button) {
  const was = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    button.textContent = "Select it and copy";
  }
  setTimeout(() => (button.textContent = was), 2000);
}
