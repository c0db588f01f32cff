"use strict";
// What somebody chose is kept in the address, so that a link shows the same, and without a server.
const root = document.documentElement;
const state = new URLSearchParams(location.hash.slice(1));
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

function remember() {
  for (const [key, value] of [...state]) if (!value) state.delete(key);
  history.replaceState(null, "", "#" + state);
}

function theme(wanted) {
  const dark = wanted ? wanted === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.style.colorScheme = wanted || "light dark";
  root.dataset.theme = dark ? "dark" : "light";
  document.getElementById("theme").textContent = dark ? "Light" : "Dark";
}

function filter() {
  const words = (state.get("q") || "").toLowerCase().split(/\s+/).filter(Boolean);
  const chosen = (name) => (state.get(name) || "").split(",").filter(Boolean);
  const [states, kinds] = [chosen("state"), chosen("kind")];
  let shown = 0;
  for (const row of all("[data-text]")) {
    const fits =
      words.every((word) => row.dataset.text.includes(word)) &&
      (!states.length || states.includes(row.dataset.state)) &&
      (!kinds.length || kinds.includes(row.dataset.kind));
    row.hidden = !fits;
    shown += fits;
  }
  const filters = words.length || states.length || kinds.length;
  for (const group of all("[data-group]")) {
    group.hidden = !all("[data-text]", group).some((row) => !row.hidden);
    if (filters && !group.hidden) group.open = true;
  }
  for (const count of all("[data-shown]")) count.textContent = shown;
  for (const button of all("button[data-filter]")) {
    const on = chosen(button.dataset.filter).includes(button.dataset.value);
    button.setAttribute("aria-pressed", on);
  }
}

function sort(head) {
  const index = [...head.parentNode.children].indexOf(head);
  const down = head.getAttribute("aria-sort") !== "descending";
  for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", down ? "descending" : "ascending");
  const body = head.closest("table").tBodies[0];
  const value = (row) => row.children[index].dataset.value ?? row.children[index].textContent;
  const order = (a, b) =>
    head.dataset.sort === "number" ? value(a) - value(b) : value(a).localeCompare(value(b));
  body.append(...[...body.rows].sort((a, b) => (down ? order(b, a) : order(a, b))));
}

document.getElementById("theme").addEventListener("click", () => {
  state.set("theme", root.dataset.theme === "dark" ? "light" : "dark");
  theme(state.get("theme"));
  remember();
});
for (const field of all("input[type=search]")) {
  field.value = state.get("q") || "";
  field.addEventListener("input", () => { state.set("q", field.value); filter(); remember(); });
}
for (const button of all("button[data-filter]")) {
  button.addEventListener("click", () => {
    const { filter: name, value } = button.dataset;
    const chosen = new Set((state.get(name) || "").split(",").filter(Boolean));
    if (!chosen.delete(value)) chosen.add(value);
    state.set(name, [...chosen].join(","));
    filter();
    remember();
  });
}
for (const head of all("th[data-sort]")) {
  head.tabIndex = 0;
  head.addEventListener("click", () => sort(head));
  head.addEventListener("keydown", (event) => { if (event.key === "Enter") sort(head); });
}
theme(state.get("theme"));
filter();
