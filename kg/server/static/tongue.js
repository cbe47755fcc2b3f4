// The language of labels: the browser's, or one that the reader chooses among those of the data.
import { choose, chosen, get } from "./api.js";
import { byId, make } from "./dom.js";

const names = (tag) => {
  try {
    return new Intl.DisplayNames([tag], { type: "language" }).of(tag);
  } catch {
    return tag;
  }
};

export async function offerLanguages() {
  const { languages } = await get("/api/languages").catch(() => ({ languages: [] }));
  if (chosen && !languages.includes(chosen)) languages.unshift(chosen);
  byId("tongue").hidden = languages.length < 2;
  const options = languages.map((tag) => make("option", { value: tag, lang: tag }, names(tag)));
  byId("language").replaceChildren(make("option", { value: "" }, "as in the browser"), ...options);
  byId("language").value = chosen;
  byId("language").onchange = () => choose(byId("language").value);
}
