// Applies the saved theme and text size before first paint, and saves a change. Classic and blocking on purpose.
(function (root, doc) {
  root.dataset.js = "";
  function each(name) {
    try {
      var value = localStorage.getItem("gd-" + name);
      if (value) root.dataset[name] = value;
    } catch (e) {}
  }
  each("theme");
  each("text");
  doc.addEventListener("DOMContentLoaded", function () {
    doc.querySelectorAll("[data-preference]").forEach(function (input) {
      input.checked = input.value === (root.dataset[input.dataset.preference] || "");
    });
  });
  doc.addEventListener("change", function (event) {
    var name = event.target.dataset.preference;
    if (!name) return;
    root.dataset[name] = event.target.value;
    try {
      localStorage.setItem("gd-" + name, event.target.value);
    } catch (e) {}
  });
})(document.documentElement, document);
