// Small helpers: everything that comes from the data enters the page as text.
const byId = (id) => document.getElementById(id);

const make = (tag, text = "", attributes = {}) => {
  const element = document.createElement(tag);
  if (text !== "") element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};
const named = (text) => make("bdi", text);

const button = (content, action, attributes = {}) => {
  const element = make("button", "", { type: "button", ...attributes });
  element.append(content);
  element.addEventListener("click", action);
  return element;
};

const say = (text) => {
  byId("said").textContent = text;
};
const clip = (text, most = 32) => {
  if (text.length <= most) return text;
  const signs = Array.from(text.slice(0, 2 * most));
  return signs.length <= most ? signs.join("") : signs.slice(0, most - 1).join("") + "…";
};
const figure = (number) => number.toLocaleString("en");
const counted = (number, one, many = `${one}s`) => `${figure(number)} ${number === 1 ? one : many}`;
const fold = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

// Only addresses of the web become links: the data may hold "javascript:" ones.
const web = (address) => {
  try {
    return /^https?:$/.test(new URL(address).protocol) ? address : "";
  } catch {
    return "";
  }
};
const link = (address, text) => {
  const element = make("a", text, { target: "_blank", rel: "noopener noreferrer" });
  element.href = address;
  return element;
};

const copy = async (text, what) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = make("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  say(`${what} copied.`);
};

const download = (content, type, ending) => {
  const blob = content instanceof Blob ? content : new Blob([content], { type });
  const element = make("a", "", { download: fileName(ending) });
  element.href = URL.createObjectURL(blob);
  element.click();
  setTimeout(() => URL.revokeObjectURL(element.href), 10000);
  say(`${element.download} saved.`);
};
const fileName = (ending) =>
  (fold(data.title).replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "").slice(0, 60) || "graph") + "." + ending;
