"use strict";
// Sorting, filtering and highlighting. Without it the page says the same.
(() => {
  const button = (holder) => {
    const made = document.createElement("button");
    made.type = "button";
    while (holder.firstChild) made.append(holder.firstChild);
    holder.append(made);
    return made;
  };

  // What a cell is sorted by: its number, else its text. What has neither comes last, whichever way.
  const key = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.order !== undefined) return Number(cell.dataset.order);
    return row.parentElement.dataset.numbers === "1" && column > 0 ? NaN : cell.textContent.trim().toLowerCase();
  };
  const isMissing = (value) => value === "" || Number.isNaN(value);
  const compared = (a, b) =>
    typeof a === "number" && typeof b === "number" ? (a < b ? -1 : a > b ? 1 : 0)
      : String(a).localeCompare(String(b), "en", { numeric: true });

  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const original = [...body.rows];
    if (table.classList.contains("figures")) body.dataset.numbers = "1";
    // The place of a heading among the cells: those that span columns are no headings of a column.
    const leaves = [];
    const rows = [...table.tHead.rows];
    const below = rows[1] ? [...rows[1].cells] : [];
    for (const th of rows[0].cells) {
      if (th.scope === "colgroup") leaves.push(...below.splice(0, th.colSpan));
      else leaves.push(th);
    }
    leaves.forEach((th, column) => {
      button(th).addEventListener("click", () => {
        const was = th.getAttribute("aria-sort");
        leaves.forEach((other) => other.removeAttribute("aria-sort"));
        if (was === "descending") {
          body.append(...original);
          return;
        }
        const sign = was === "ascending" ? -1 : 1;
        th.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
        const keyed = original.map((row) => [key(row, column), row]);
        keyed.sort(([a], [b]) =>
          isMissing(a) || isMissing(b) ? isMissing(a) - isMissing(b) : sign * compared(a, b));
        body.append(...keyed.map(([, row]) => row));
      });
    });
  }

  // A strategy is highlighted wherever it stands while it is pointed at or focused, and stays so once it is clicked.
  const places = [...document.querySelectorAll("[data-strategy]")];
  let pinned = null;
  const show = (strategy) =>
    places.forEach((place) => place.classList.toggle("on", strategy !== null && place.dataset.strategy === strategy));
  const strategyOf = (target) => {
    const place = target instanceof Element ? target.closest("[data-strategy]") : null;
    return place ? place.dataset.strategy : null;
  };
  const pins = [];
  for (const name of document.querySelectorAll("tr[data-strategy] .name")) {
    const pin = button(name);
    pin.classList.add("name");
    pin.setAttribute("aria-pressed", "false");
    name.classList.remove("name");
    pins.push(pin);
  }
  const pin = (strategy) => {
    pinned = pinned === strategy ? null : strategy;
    pins.forEach((p) => p.setAttribute("aria-pressed", String(pinned !== null && strategyOf(p) === pinned)));
    show(pinned);
  };
  document.addEventListener("pointerover", (event) => show(strategyOf(event.target) ?? pinned));
  document.addEventListener("focusin", (event) => show(strategyOf(event.target) ?? pinned));
  document.addEventListener("focusout", () => show(pinned));
  document.addEventListener("click", (event) => {
    const strategy = strategyOf(event.target);
    // Whoever selects a figure to copy it does not mean the row.
    if (strategy !== null && String(window.getSelection()) === "") pin(strategy);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && pinned !== null) pin(pinned);
  });

  const filter = document.getElementById("filter");
  if (filter) {
    filter.parentElement.hidden = false;
    const rows = [...document.getElementById("inputs-table").tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const apply = () => {
      const words = filter.value.toLowerCase().split(/\s+/);
      let shown = 0;
      rows.forEach((row, i) => {
        row.hidden = !words.every((word) => texts[i].includes(word));
        shown += row.hidden ? 0 : 1;
      });
      document.getElementById("filtered").textContent = `${shown} of ${rows.length} shown`;
    };
    filter.addEventListener("input", apply);
    apply();
  }
})();
