"use strict";
// Shows what has the kind and all the words asked for. The page holds its content already: nothing is made here, only hidden and unfolded.
(() => {
  const kind = document.getElementById("kind"), search = document.getElementById("search"), shown = document.getElementById("shown");
  // What stands in a fold is found by the words of its head too.
  const content = (element) => `${element.textContent} ${element.closest("[data-of]")?.querySelector("summary b").textContent ?? ""}`;
  const entries = [...document.querySelectorAll("[data-find]")].map((element) => [element, content(element).toLowerCase()]);
  const folds = [...document.querySelectorAll("[data-of]")].map((fold) => [fold, [...fold.querySelectorAll("[data-find]")], fold.open]);
  const articles = entries.filter(([element]) => element.dataset.kind !== undefined).length;
  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const [element, content] of entries) {
      const ofKind = !kind.value || element.dataset.kind === undefined || element.dataset.kind === kind.value;
      element.hidden = !(ofKind && words.every((word) => content.includes(word)));
      count += !element.hidden && element.dataset.kind !== undefined;
    }
    for (const [fold, inside, open] of folds) {
      fold.hidden = inside.every((element) => element.hidden);
      fold.open = words.length ? true : open;
    }
    shown.value = `${count} of ${articles} shown`;
  };
  kind.addEventListener("change", apply);
  search.addEventListener("input", apply);
  document.getElementById("filter").addEventListener("submit", (event) => event.preventDefault());
  apply();
})();
