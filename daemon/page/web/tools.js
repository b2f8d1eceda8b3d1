// SPDX-License-Identifier: LGPL-2.1-or-later
// tools.js - texts, times and lists. All text of others, as names of files, is set as text, never as HTML.

export const find = (id) => document.getElementById(id);
export const part = (node, name) => node.querySelector(`[data-part="${name}"]`);
export const copy = (id) => find(id).content.firstElementChild.cloneNode(true);

// Sets the text of a node only where it is another one: what is read aloud stays quiet.
export function put(node, text) {
  if (node.textContent !== text)
    node.textContent = text;
}

// A paragraph that has something to say, or is not there.
export function say(node, text) {
  put(node, text || "");
  node.hidden = !text;
}

export function counted(count, one, many) {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

export function span(seconds) {
  if (seconds < 60)
    return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.ceil(seconds / 60);
  if (minutes < 60)
    return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });

// A time of the interface in the words and the zone of the person who looks: 14:02:11, of another day with it.
export function when(text) {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    return text;
  const today = time.toDateString() === new Date().toDateString();
  return today ? clock.format(time) : `${day.format(time)}, ${clock.format(time)}`;
}

export function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let unit = 0;
  while (bytes >= 1000 && unit < units.length - 1) {
    bytes /= 1000;
    unit++;
  }
  return `${bytes < 10 && unit ? bytes.toFixed(1) : Math.round(bytes)} ${units[unit]}`;
}

export const base = (path) => path.slice(path.lastIndexOf("/") + 1) || path;

// A rate that is not 0 is never shown as 0.
export function pace(perSecond) {
  const minute = perSecond * 60;
  return minute && minute < 10 ? String(Math.max(0.1, Math.round(minute * 10) / 10)) : String(Math.round(minute));
}

// A path as the bytes of a query: the interface writes a byte that is no text as \xNN.
export function queryPath(path) {
  return path.split(/(\\x[0-9a-fA-F]{2})/).map((piece, i) => (i % 2 ? `%${piece.slice(2)}` : encodeURIComponent(piece)))
    .join("");
}

// What a row of facts is made of: [name, text] and so on; rows without a text are left out.
export function putFacts(list, rows) {
  const shown = rows.filter(([, text]) => text !== undefined && text !== null && text !== "");
  keep(list, shown, ([name]) => name, () => {
    const row = document.createElement("div");
    row.append(document.createElement("dt"), document.createElement("dd"));
    return row;
  }, (row, [name, text]) => {
    put(row.firstElementChild, name);
    put(row.lastElementChild, String(text));
  });
}

export function putList(list, texts) {
  keep(list, texts.map((text, i) => [i, text]), ([i]) => i, () => document.createElement("li"), (item, [, text]) => {
    put(item, text);
  });
  list.hidden = !texts.length;
}

// ---- lists that change while people work in them ----

// Where the focus goes when the control that had it is gone: to the same one beside it, else to the title.
function focusBeside(list, index, action) {
  const near = list.children[Math.min(index, list.children.length - 1)];
  const same = near && near.querySelector(`[data-action="${action}"]`);
  const target = same && !same.hidden ? same : list.closest("section[id]");
  if (target)
    target.focus({ preventScroll: Boolean(same) });
}

// Makes the children of a list those of the items, in their order. What stays is not touched, and so keeps
// the focus and what is open.
export function keep(list, items, keyOf, make, fill) {
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  const index = focused ? [...list.children].findIndex((child) => child.contains(focused)) : -1;
  const wanted = new Set(items.map((item) => String(keyOf(item))));
  const there = new Map();
  for (const child of [...list.children]) {
    if (wanted.has(child.dataset.key))
      there.set(child.dataset.key, child);
    else
      child.remove();
  }
  let place = list.firstElementChild;
  for (const item of items) {
    const key = String(keyOf(item));
    let node = there.get(key);
    if (!node) {
      node = make(item);
      node.dataset.key = key;
    }
    if (node === place)
      place = place.nextElementSibling;
    else
      list.insertBefore(node, place);
    fill(node, item);
  }
  if (!focused || document.activeElement === focused)
    return;
  if (focused.isConnected)
    focused.focus({ preventScroll: true });
  else
    focusBeside(list, index, focused.dataset.action);
}
