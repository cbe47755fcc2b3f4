// The editor: SPARQL in colours, completed from the data, with mistakes marked where they stand.
import {
  EditorState, Compartment, Prec, EditorView, keymap, lineNumbers, highlightSpecialChars, drawSelection,
  defaultKeymap, history, historyKeymap, StreamLanguage, HighlightStyle, syntaxHighlighting, bracketMatching,
  autocompletion, completionKeymap, closeBrackets, closeBracketsKeymap, setDiagnostics, lintGutter, sparql, tags,
} from "./codemirror.js";
import { post } from "./api.js";
import { complete } from "./completion.js";

const colours = HighlightStyle.define([
  { tag: tags.keyword, class: "tok-keyword" },
  { tag: [tags.string, tags.literal, tags.number, tags.bool], class: "tok-value" },
  { tag: [tags.variableName, tags.special(tags.variableName)], class: "tok-variable" },
  { tag: [tags.atom, tags.url, tags.namespace, tags.labelName], class: "tok-name" },
  { tag: tags.comment, class: "tok-comment" },
]);

export function createEditor(parent, run) {
  const writable = new Compartment();
  let timer = 0;
  let latest = 0;
  const changed = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    clearTimeout(timer);
    timer = setTimeout(check, 400);
  });
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: "",
      extensions: [
        lineNumbers(), highlightSpecialChars(), history(), drawSelection(), bracketMatching(), closeBrackets(),
        StreamLanguage.define(sparql), syntaxHighlighting(colours), autocompletion({ override: complete, icons: false }), lintGutter(),
        Prec.highest(keymap.of([{ key: "Mod-Enter", run: () => (run(), true) }])),
        // Tab leaves the editor: nobody is caught in it.
        keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
        EditorView.cspNonce.of(document.querySelector("script[nonce]").nonce), EditorView.lineWrapping, writable.of([]), changed,
        EditorView.contentAttributes.of({ "aria-label": "SPARQL", spellcheck: "false", "aria-describedby": "keys" }),
      ],
    }),
  });

  async function check() {
    const asked = ++latest;
    const text = view.state.doc.toString();
    if (!text.trim()) return mark(null);
    const found = await post("/api/check", { question: text }).catch(() => null);
    if (found && asked === latest && text === view.state.doc.toString()) mark(found.message === null ? null : found);
  }

  function mark(error) {
    const marks = error && error.line ? [place(view.state.doc, error)] : [];
    view.dispatch(setDiagnostics(view.state, marks));
  }

  return {
    get text() {
      return view.state.doc.toString();
    },
    set text(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    fix: (isFixed) => view.dispatch({ effects: writable.reconfigure(isFixed ? EditorState.readOnly.of(true) : []) }),
    mark,
    focus: () => view.focus(),
    goTo(error) {
      mark(error);
      const at = place(view.state.doc, error).from;
      view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
      view.focus();
    },
  };
}

function place(doc, error) {
  const line = doc.line(Math.min(Math.max(error.line, 1), doc.lines));
  const from = Math.min(line.from + Math.max((error.column ?? 1) - 1, 0), line.to);
  const word = /^\S+/.exec(doc.sliceString(from, line.to));
  const to = word ? from + word[0].length : from;
  const start = from === to && from > line.from ? from - 1 : from;
  return { from: start, to, severity: "error", message: error.message.split("\n")[0] };
}
