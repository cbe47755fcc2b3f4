// An SVG that is written by drawing on it: the part of a canvas that the painters use.
class SvgPen {
  constructor() {
    this.parts = [];
    this.d = "";
    this.title = "";
    this.dash = [];
    this.kind = "";
    this.globalAlpha = 1;
  }
  beginPath() { this.d = ""; }
  moveTo(x, y) { this.d += `M${this.n(x)} ${this.n(y)}`; }
  lineTo(x, y) { this.d += `L${this.n(x)} ${this.n(y)}`; }
  quadraticCurveTo(...at) { this.d += `Q${at.map(this.n).join(" ")}`; }
  bezierCurveTo(...at) { this.d += `C${at.map(this.n).join(" ")}`; }
  closePath() { this.d += "Z"; }
  rect(x, y, w, h) { this.d += `M${this.n(x)} ${this.n(y)}h${this.n(w)}v${this.n(h)}h${this.n(-w)}Z`; }
  arc(x, y, r) { this.d += `M${this.n(x + r)} ${this.n(y)}A${this.n(r)} ${this.n(r)} 0 1 1 ${this.n(x - r)} ${this.n(y)}A${this.n(r)} ${this.n(r)} 0 1 1 ${this.n(x + r)} ${this.n(y)}`; }
  n(value) { return String(Math.round(value * 10) / 10); }
  setLineDash(dash) { this.dash = dash; }
  save() {}
  restore() {}
  fill() { this.add(`fill="${this.fillStyle}" class="${this.kind ?? ""}"`); }
  stroke() { this.add(`fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}"${this.dash.length ? ` stroke-dasharray="${this.dash.join(" ")}"` : ""}`, false); }
  add(style, titled = true) {
    if (!this.d) return;
    const title = this.title && titled ? `<title>${this.escape(this.title)}</title>` : "";
    this.parts.push(`<path d="${this.d}" ${style}${this.globalAlpha < 1 ? ` opacity="${this.globalAlpha.toFixed(2)}"` : ""}>${title}</path>`);
  }
  fillRect(x, y, w, h) { this.parts.push(`<rect x="${x}" y="${y}" width="${w}" height="${h}" fill="${this.fillStyle}" opacity="${this.globalAlpha}"/>`); }
  measureText(text) { return svgRuler(this.font, text); }
  strokeText(text, x, y) { this.words(text, x, y, `fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}" stroke-linejoin="round" aria-hidden="true"`); }
  fillText(text, x, y) { this.words(text, x, y, `fill="${this.fillStyle}"`); }
  words(text, x, y, style) {
    const [, weight, size] = /^(\d+ )?([\d.]+)px/.exec(this.font);
    this.parts.push(`<text x="${this.n(x)}" y="${this.n(y)}" font-family="${this.escape(FACE)}" font-size="${size}"${weight ? ` font-weight="${weight.trim()}"` : ""} text-anchor="middle" dominant-baseline="central" ${style}>${this.escape(text)}</text>`);
  }
  // XML allows no control characters, and no half of a pair.
  escape(text) {
    return String(text).toWellFormed().replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd").replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  }
  document(w, h, title) {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" direction="ltr"><title>${this.escape(title)}</title>${this.parts.join("\n")}</svg>\n`;
  }
}
const ruler = document.createElement("canvas").getContext("2d");
const svgRuler = (font, text) => {
  ruler.font = font;
  return ruler.measureText(text);
};
