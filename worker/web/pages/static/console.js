"use strict";
// Pages work without this; with it they are quicker to use. What is done is decided by attributes of the page.

const SHORTCODE = /\{[a-z0-9_]+(?:\|[^{}]*)?\}/g;

function within(target, selector) {
  return target instanceof Element ? target.closest(selector) : null;
}

// [data-mirror]: what is typed is shown below itself with its shortcodes marked.
function mirror(area) {
  const layer = area.parentElement.querySelector(".mirror");
  if (!layer) return;
  layer.replaceChildren();
  let end = 0;
  for (const found of area.value.matchAll(SHORTCODE)) {
    layer.append(area.value.slice(end, found.index));
    const mark = document.createElement("mark");
    mark.textContent = found[0];
    layer.append(mark);
    end = found.index + found[0].length;
  }
  layer.append(area.value.slice(end) + "\n");
  layer.scrollTop = area.scrollTop;
}

function prepare(root) {
  for (const area of root.querySelectorAll("textarea[data-mirror]")) {
    mirror(area);
    area.addEventListener("scroll", () => mirror(area));
  }
}

document.addEventListener("input", (event) => {
  if (within(event.target, "textarea[data-mirror]")) mirror(event.target);
});

document.addEventListener("click", (event) => {
  // [data-insert="{shortcode}"][data-into="id"]: into the text where the cursor is.
  const insert = within(event.target, "[data-insert]");
  if (insert) {
    const area = document.getElementById(insert.dataset.into);
    area.setRangeText(insert.dataset.insert, area.selectionStart, area.selectionEnd, "end");
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  // [data-copy="text"]: to the clipboard; the button says that it is done.
  const copy = within(event.target, "[data-copy]");
  if (copy) {
    navigator.clipboard?.writeText(copy.dataset.copy).then(() => {
      copy.textContent = copy.dataset.copied || "✓";
    });
  }
});

// [data-all="name"]: a box that checks all boxes of a name.
document.addEventListener("change", (event) => {
  const all = within(event.target, "[data-all]");
  if (!all) return;
  for (const box of document.getElementsByName(all.dataset.all)) box.checked = all.checked;
});

// [data-pauses-live]: numbers stay as they are until it is pressed again.
let isPaused = false;
for (const button of document.querySelectorAll("[data-pauses-live]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    isPaused = !isPaused;
    button.setAttribute("aria-pressed", isPaused);
    [button.textContent, button.dataset.paused] = [button.dataset.paused, button.textContent];
  });
}
document.addEventListener("htmx:sse:before:message", (event) => {
  if (isPaused) event.preventDefault();
});

// `/` goes to the search, `g` and a letter to a page, `j` and `k` along the rows of a list, `x` marks one, `?` helps.
let goes = 0;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || within(event.target, "input, textarea, select")) return;
  const key = keyOf(event);
  if (Date.now() - goes < 1500) {
    const link = document.querySelector(`.menu [data-key="${CSS.escape(key)}"]`);
    goes = 0;
    if (link) return link.click();
  }
  if (key === "g") goes = Date.now();
  else if (key === "/") focusOn(event, document.querySelector("input[type=search]"));
  else if (key === "j" || key === "k") focusOn(event, next(key === "j" ? 1 : -1));
  else if (key === "x") within(document.activeElement, "tr")?.querySelector("input[type=checkbox]")?.click();
  else if (key === "?") showKeys(event, document.getElementById("keys"));
});

// By its place: with a Ukrainian layout the same keys write other letters.
function keyOf(event) {
  if (event.code.startsWith("Key")) return event.code.slice(3).toLowerCase();
  if (event.code === "Slash") return event.shiftKey ? "?" : "/";
  return event.key;
}

function showKeys(event, keys) {
  if (!keys) return;
  keys.open = true;
  focusOn(event, keys.querySelector("summary"));
}

function focusOn(event, element) {
  if (!element) return;
  event.preventDefault();
  element.focus();
}

function next(step) {
  const rows = [...document.querySelectorAll("tbody tr a:first-of-type")].filter(
    (link, at, all) => at === 0 || link.closest("tr") !== all[at - 1].closest("tr"),
  );
  const row = within(document.activeElement, "tr");
  const at = rows.findIndex((link) => link.closest("tr") === row);
  return rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))];
}

document.addEventListener("htmx:after:swap", () => prepare(document));
prepare(document);
