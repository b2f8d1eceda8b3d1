// SPDX-License-Identifier: LGPL-2.1-or-later
// app.js - the page: it shows what the server sends over /events and what /v1/ answers, and does what people
// ask for. Each part of the page is a file of its own.
import { STEP, act, ask, message, seen } from "./ask.js";
import { showCards } from "./cards.js";
import { retry, showFailures } from "./failures.js";
import { showFolders, steer } from "./folders.js";
import { choose, chosenPath, followAgain, showLarge, showPictures, showSplit, undo } from "./pictures.js";
import { forgetMissing } from "./previews.js";
import { counted, find, pace, part, put, span } from "./tools.js";
import { dropped, overWhy, why } from "./why.js";

const LIST_MOST = 1000; // as /v1/list allows
const NEWS_MS = 10000;
const RECONNECT_MS = 1000;
const RECONNECT_MOST_MS = 30000;

// ---- the service ----

function serviceState() {
  const { status } = seen;
  if (!seen.connected)
    return ["No connection: what is shown is old", "bad"];
  if (!seen.alive)
    return ["The service does not respond", "bad"];
  if (!status)
    return ["Connecting", "waits"];
  const troubled = status.folders.filter((folder) => folder.state === "unavailable" || folder.state === "held");
  const paused = status.folders.filter((folder) => folder.paused_by);
  if (paused.length && paused.length === status.folders.length)
    return ["Paused", "waits"];
  if (troubled.length)
    return [counted(troubled.length, "folder waits", "folders wait"), "warn"];
  if (paused.length)
    return [counted(paused.length, "folder is paused", "folders are paused"), "waits"];
  if (!status.initial_scan_done)
    return ["Looking through the folders", "waits"];
  return [status.in_progress ? "At work" : "Ready", "good"];
}

function title() {
  if (!seen.connected || !seen.alive)
    return "hotfolder: no connection";
  return seen.failures.length ? `(${seen.failures.length} failed) hotfolder` : "hotfolder";
}

function showService() {
  const badge = find("service");
  const [text, kind] = serviceState();
  badge.dataset.kind = kind;
  put(badge, text);
  document.body.classList.toggle("old", !seen.connected || !seen.alive);
  if (document.title !== title())
    document.title = title();
}

function showTotals() {
  const { status } = seen;
  const totals = find("totals");
  const queued = status.folders.reduce((sum, folder) => sum + folder.queued, 0);
  put(part(totals, "rate"), pace(status.pictures_per_s));
  put(part(totals, "queued"), queued.toLocaleString("en-GB"));
  put(part(totals, "left"), status.time_left_s === undefined ? "–" : span(status.time_left_s));
  put(find("about"), [`hotfolder ${status.version}`, `runs for ${span(status.uptime_s)}`,
    counted(status.workers, "worker", "workers"), status.configuration].join(" · "));
}

// ---- what happened, for those who listen ----

const news = { done: null, failed: null, at: -NEWS_MS };

// Says how many have ended since the last time, at most every ten seconds.
function sayNews() {
  const count = (state) => seen.status.folders.reduce((sum, folder) => sum + folder[state], 0);
  const now = { done: count("done"), failed: count("failed") };
  const isFirst = news.done === null;
  const texts = [];
  if (!isFirst && performance.now() < news.at + NEWS_MS)
    return;
  if (!isFirst && now.done > news.done)
    texts.push(counted(now.done - news.done, "picture is done", "pictures are done"));
  if (!isFirst && now.failed > news.failed)
    texts.push(counted(now.failed - news.failed, "picture has failed", "pictures have failed"));
  Object.assign(news, now);
  if (!texts.length)
    return;
  news.at = performance.now();
  put(find("news"), `${texts.join(", ")}.`);
}

// ---- what the server sends ----

function showStatus(status) {
  seen.status = status;
  showService();
  showTotals();
  showFolders();
  sayNews();
}

async function readLists() {
  const [done, failed, cards] = await Promise.all([
    ask(`v1/list?state=done&limit=${seen.picturesLimit}`),
    ask(`v1/list?state=failed&limit=${seen.failuresLimit}`),
    ask("v1/cards"),
  ]);
  seen.pictures = done.pictures;
  seen.failures = failed.pictures;
  seen.cards = cards.cards;
  showPictures();
  showFailures();
  showCards();
  showService();
}

let reading = null;
let nextReading = null;

function read() {
  reading = readLists().finally(() => { reading = null; });
  return reading;
}

// Shows the lists as they are now. A reading that has begun may be older: another one follows it.
function refresh() {
  if (!reading)
    return read();
  nextReading = nextReading || reading.catch(() => {}).then(() => {
    nextReading = null;
    return read();
  });
  return nextReading;
}

// What no person asked for has no message when it fails: the state of the service says it.
function quietly() {
  refresh().catch(() => {});
}

let stream = null;
let tries = 0;
let timer = 0;

function disconnect() {
  clearTimeout(timer);
  if (stream)
    stream.close();
  stream = null;
}

function opened() {
  const wasLost = !seen.connected;
  seen.connected = true;
  tries = 0;
  showService();
  if (wasLost)
    message("The connection is back.");
  forgetMissing();
  quietly();
}

function lost() {
  seen.connected = false;
  showService();
  ask("v1/status").catch(() => {}); // leads to the login, where that is why
  if (stream && stream.readyState === EventSource.CLOSED) // else the browser tries again by itself
    timer = setTimeout(connect, Math.min(RECONNECT_MOST_MS, RECONNECT_MS * 2 ** tries++));
}

// Whether the page may change something: what it may not do has no buttons.
function allow(steers) {
  document.body.classList.toggle("looks", !steers);
  find("looks").hidden = steers;
}

function turned(alive) {
  const isBack = alive && !seen.alive;
  seen.alive = alive;
  showService();
  if (!isBack)
    return;
  message("The service is back.");
  forgetMissing();
  quietly();
}

// Who has logged in may log out: without a token the login leads back here.
async function offerLogOut() {
  const login = await fetch("login", { method: "HEAD", redirect: "manual" });
  find("log-out").hidden = !login.ok;
}

function connect() {
  disconnect();
  stream = new EventSource("events");
  stream.addEventListener("open", opened);
  stream.addEventListener("error", lost);
  stream.addEventListener("page", (event) => allow(JSON.parse(event.data).steer));
  stream.addEventListener("status", (event) => showStatus(JSON.parse(event.data)));
  stream.addEventListener("daemon", (event) => turned(JSON.parse(event.data).alive));
  stream.addEventListener("changed", quietly);
}

// ---- what people do ----

const pathOf = (node) => node.closest("[data-path]").dataset.path;
const jobOf = (node) => Number(node.closest("[data-job]").dataset.job);
const folderOf = (node) => node.closest("[data-folder]").dataset.folder;

async function changeStatus(work) {
  await work;
  showStatus(await ask("v1/status"));
}

async function changeLists(work) {
  await work;
  await refresh();
}

async function undoChosen() {
  if (!await undo())
    return;
  await refresh();
  (find("viewer").hidden ? find("pictures") : part(find("viewer"), "name")).focus({ preventScroll: true });
}

function more(limit, step) {
  seen[limit] = Math.min(LIST_MOST, seen[limit] + step);
  return refresh();
}

async function showFullScreen() {
  try {
    await (document.fullscreenElement ? document.exitFullscreen() : find("viewer").requestFullscreen());
  } catch {
    message("This browser shows no full screen here.", "", true);
  }
}

const ACTIONS = {
  "dismiss": () => { find("message").hidden = true; },
  "pause": (button) => changeStatus(steer("pause", folderOf(button))),
  "resume": (button) => changeStatus(steer("resume", folderOf(button))),
  "pause-all": () => changeStatus(steer("pause")),
  "resume-all": () => changeStatus(steer("resume")),
  "more-pictures": () => more("picturesLimit", STEP),
  "more-failures": () => more("failuresLimit", 4 * STEP),
  "full": showFullScreen,
  "why-picture": () => why(chosenPath()),
  "undo": undoChosen,
  "retry": (button) => changeLists(retry({ job: jobOf(button) })),
  "retry-all": (button) => changeLists(retry({ all: true, folder: folderOf(button) })),
  "why-failure": (button) => why(pathOf(button)),
  "why-place": (button) => why(button.textContent),
  "log-out": async () => { await ask("logout", {}); location.assign("login"); },
};

// How a person wants to compare stays so in this browser, where it allows that.
function remember() {
  try {
    localStorage.setItem("view", document.querySelector('input[name="view"]:checked').value);
  } catch {
    // The next visit begins with both.
  }
}

function recall() {
  let view = null;
  try {
    view = localStorage.getItem("view");
  } catch {
    // As above.
  }
  for (const radio of document.querySelectorAll('input[name="view"]'))
    radio.checked = radio.value === (view || "both");
}

function listenToDrops() {
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    overWhy(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget)
      overWhy(false);
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    dropped(event.dataTransfer);
  });
}

function listen() {
  const on = (id, event, then) => find(id).addEventListener(event, then);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button)
      act(button, async () => ACTIONS[button.dataset.action](button));
  });
  on("strip", "change", (event) => choose(event.target.value));
  on("follow", "change", followAgain);
  on("view", "change", () => { remember(); showLarge(); });
  on("output", "change", showLarge);
  on("split", "input", showSplit);
  on("why-form", "submit", (event) => {
    event.preventDefault();
    act(null, () => why(find("why-path").value.trim()));
  });
  document.addEventListener("fullscreenchange", () => {
    put(part(find("viewer"), "full"), document.fullscreenElement ? "Leave full screen" : "Full screen");
  });
  // A page that is not seen asks for nothing.
  document.addEventListener("visibilitychange", () => (document.hidden ? disconnect() : connect()));
  listenToDrops();
}

recall();
showSplit();
listen();
connect();
offerLogOut().catch(() => {});
