import { EditorView } from "@codemirror/view";

/**
 * typeOverSelection replaces a selection by what is typed. Left to it, Chromium keeps the selection's style in an element
 * with a style attribute, which the content security policy blocks with an error on the console.
 */
export const typeOverSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const { from, to, empty } = view.state.selection.main;
    if (empty || event.inputType !== "insertText" || event.data === null || event.isComposing || view.state.readOnly) return false;
    event.preventDefault();
    const text = event.data;
    const insert = () => view.state.update(view.state.replaceSelection(text), { userEvent: "input.type", scrollIntoView: true });
    const handled = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, text, insert));
    if (!handled) view.dispatch(insert());
    return true;
  },
});
