// Elements are made from text only; nothing of the data is ever read as HTML.
export const byId = (id) => document.getElementById(id);

export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const address = (name) => "/thing/" + encodeURIComponent(name).replaceAll("%3A", ":");

export function term(cell) {
  if (cell === null) return make("span", {}, "");
  const words = make("bdi", {}, cell.text);
  return cell.type === "iri" ? make("a", { href: address(cell.name), title: cell.iri }, words) : words;
}
