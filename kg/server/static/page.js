// The page of one thing: citations to copy, under every passage that is quoted.
import { citing } from "./evidence.js";
import { watchFinding } from "./find.js";
import { offerLanguages } from "./tongue.js";

for (const quote of document.querySelectorAll("[data-passage]")) quote.append(citing(quote.dataset.passage));
watchFinding();
offerLanguages();
