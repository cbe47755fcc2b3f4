// Find: things, questions and quoted words by a name, as one types.
import { get } from "./api.js";
import { address, byId, make, term } from "./dom.js";

let timer = 0;
let asking = null;

export function watchFinding() {
  byId("name").addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(find, 200);
  });
  byId("find").addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  byId("find").addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    hide();
    byId("name").focus();
  });
  addEventListener("pointerdown", (event) => {
    if (!byId("find").contains(event.target)) hide();
  });
}

const hide = () => byId("found").replaceChildren();

async function find() {
  const wanted = byId("name").value.trim();
  asking?.abort();
  if (!wanted) return hide();
  asking = new AbortController();
  try {
    const found = await get("/api/search?q=" + encodeURIComponent(wanted), asking.signal);
    const items = [
      ...found.things.map((cell) => make("span", {}, term(cell), make("small", {}, cell.kinds.join(", ")))),
      ...found.questions.map((question) => make("a", { href: "/question/" + encodeURIComponent(question.name) }, "Question: " + question.title)),
      ...found.passages.map((passage) => make("a", { href: address(passage.name) + "#words", dir: "auto" }, `“${passage.text}”`)),
    ];
    byId("found").replaceChildren(...(items.length ? items.map((item) => make("li", {}, item)) : [make("li", {}, "Nothing has such a name.")]));
    byId("found-said").textContent = `${items.length} found`;
  } catch (error) {
    if (error.name !== "AbortError") byId("found").replaceChildren(make("li", { className: "error" }, error.message));
  }
}
