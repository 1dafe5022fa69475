/* Makes smoother what works without it. Keys: / search, H history of what is shown, arrows along a list, Esc back to now. */
"use strict";

(() => {
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]");

  const rows = () => [...document.querySelectorAll("[data-rows] a.row, [data-rows] .when a")];

  const step = (by) => {
    const all = rows();
    if (!all.length) return false;
    const here = all.indexOf(document.activeElement);
    const next = all[Math.min(Math.max(here + by, 0), all.length - 1)];
    next.focus();
    return true;
  };

  const follow = (selector) => {
    const link = document.querySelector(selector);
    if (!link) return false;
    link.tagName === "INPUT" ? link.focus() : link.click();
    return true;
  };

  const shut = () => {
    const open = document.querySelector("details.menu[open]");
    if (!open) return false;
    open.open = false;
    open.querySelector("summary").focus();
    return true;
  };

  const KEYS = {
    "/": () => follow("input[type=search]"),
    "h": () => follow("a[data-history]"),
    "Escape": () => shut() || follow("a[data-now]"),
    "ArrowDown": () => step(1),
    "ArrowUp": () => step(-1),
    "ArrowLeft": () => follow("a[data-earlier]"),
    "ArrowRight": () => follow("a[data-later]"),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const act = KEYS[event.key] || KEYS[event.key.toLowerCase()];
    if (act && act()) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  /* A form that was sent shows that it works, and is not sent twice. */
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.formMethod === "get" || event.target.method === "get") return;
    if (button.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
    button.setAttribute("aria-busy", "true");
    if (button.dataset.busy) button.lastChild.textContent = button.dataset.busy;
  });
  window.addEventListener("pageshow", () => {
    document.querySelectorAll("button[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
  });

  /* A value is copied, and the button says so; without https a browser copies only what is marked. */
  const copy = (button) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(button.dataset.copy);
    const field = button.parentElement.querySelector("input");
    if (!field) return Promise.reject();
    field.select();
    return document.execCommand("copy") ? Promise.resolve() : Promise.reject();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    copy(button).then(() => { button.textContent = button.dataset.copied; }, () => {});
  });
  document.documentElement.classList.add("scripted");

  /* Two pictures lie over each other, and a slider says how much of the former one is seen. */
  document.querySelectorAll("[data-slider]").forEach((pictures) => {
    const slider = pictures.nextElementSibling;
    const input = slider.querySelector("input");
    pictures.classList.add("sliding");
    slider.hidden = false;
    input.addEventListener("input", () => pictures.style.setProperty("--cut", `${input.value}%`));
  });
})();
