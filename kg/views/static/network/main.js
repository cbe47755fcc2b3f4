// Putting it together: the theme, the buttons, the first picture.
const applyTheme = () => {
  document.documentElement.dataset.theme = theme();
  byId("theme").textContent = theme() === "dark" ? "Light" : "Dark";
  paintLegend();
  widths.clear();
};
byId("theme").addEventListener("click", () => {
  chosenTheme = theme() === "dark" ? "light" : "dark";
  applyTheme();
  redraw();
  keepLink();
});
wishesDark.addEventListener("change", () => {
  applyTheme();
  redraw();
});
byId("fit").addEventListener("click", () => fit());
byId("clear").addEventListener("click", () => {
  for (const key of Object.keys(off)) off[key].clear();
  disputed.only = false;
  Object.assign(years, { from: 0, to: 0, undated: true });
  refilter();
});
const zoomBy = (factor) => moveTo(view.x, view.y, view.scale * factor, true);
byId("zoom-in").addEventListener("click", () => zoomBy(1.5));
byId("zoom-out").addEventListener("click", () => zoomBy(1 / 1.5));
if (wantsOverview) {
  const toggle = byId("overview");
  toggle.parentElement.hidden = false;
  toggle.addEventListener("change", () => {
    wantsOverview = toggle.checked;
    redraw();
  });
}
network.on("afterDrawing", showDetail);
addEventListener("popstate", readLink);
addEventListener("hashchange", readLink);

fillCells();
showLegend();
showYears();
if (innerWidth < 800) for (const group of document.querySelectorAll("#filters, .facet")) group.removeAttribute("open");
fit();
readLink();
