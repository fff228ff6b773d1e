// At the desk: what is selected on the page becomes the passage to be masked, while that form is open.
const details = /** @type {HTMLDetailsElement | null} */ (document.getElementById("redact"));
const passage = /** @type {HTMLTextAreaElement | null} */ (document.getElementById("redact-passage"));

document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  const place = selection?.anchorNode?.parentElement?.closest("[data-redactable]");
  if (!details?.open || !passage || !selection || !place?.contains(selection.focusNode)) return;
  const text = selection.toString().trim();
  if (text) passage.value = text;
});
