// Applies the saved theme and text size before first paint, and saves a change. Classic and blocking on purpose.
((root, doc) => {
  root.dataset.js = "";
  for (const name of ["theme", "text"]) {
    try {
      root.dataset[name] = localStorage.getItem(`gd-${name}`) || "";
    } catch {
      // No storage: the phone's own settings hold.
    }
  }
  doc.addEventListener("DOMContentLoaded", () => {
    for (const input of doc.getElementsByTagName("input")) {
      const name = input.dataset.preference;
      if (name) input.checked = input.value === root.dataset[name];
    }
  });
  doc.addEventListener("change", ({ target }) => {
    const name = target instanceof HTMLInputElement && target.dataset.preference;
    if (!name) return;
    root.dataset[name] = target.value;
    try {
      localStorage.setItem(`gd-${name}`, target.value);
    } catch {
      // It holds for this page.
    }
  });
})(document.documentElement, document);
