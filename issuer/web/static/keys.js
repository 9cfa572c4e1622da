// Shortcuts only: every page works without this file. A key presses the element that carries it in data-key.
"use strict";
(() => {
  const rows = [...document.querySelectorAll("[data-row]")];
  const move = (step) => {
    const at = rows.indexOf(document.activeElement);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + step))];
    if (next) { next.focus(); next.scrollIntoView({ block: "nearest" }); }
  };
  const press = (target) => {
    if (target.tagName === "SUMMARY") {
      const holder = target.parentElement;
      const radio = target.dataset.chooses && document.getElementById(target.dataset.chooses);
      if (radio) {
        radio.checked = true;
        for (const other of document.querySelectorAll("details.candidate")) other.open = other === holder;
        target.scrollIntoView({ block: "nearest" });
        return;
      }
      holder.open = !holder.open;
      if (holder.open) holder.querySelector("form select, form input:not([type=hidden]), form button")?.focus();
      return;
    }
    if (target.tagName === "INPUT") { target.focus(); target.select(); return; }
    target.click();
  };
  document.querySelector(".chip[aria-current]:not(:first-child)")?.scrollIntoView({ block: "nearest", inline: "center" });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const field = event.target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");
    if (event.key === "Escape" && field) { field.blur(); event.preventDefault(); return; }
    if (field) return;
    if (rows.length && (event.key === "j" || event.key === "k")) {
      move(event.key === "j" ? 1 : -1);
      event.preventDefault();
      return;
    }
    if (event.key === "x" && document.activeElement?.type === "checkbox") { document.activeElement.click(); return; }
    const target = [...document.querySelectorAll("[data-key]")].findLast((one) => one.dataset.key === event.key);
    if (target) { event.preventDefault(); press(target); }
  });
  // a click on the radio of a proposal opens it as its summary would
  document.addEventListener("change", (event) => {
    if (event.target.name !== "rank") return;
    for (const other of document.querySelectorAll("details.candidate")) other.open = other.contains(event.target);
  });
})();
