// SPDX-License-Identifier: LGPL-2.1-or-later
// pictures.js - the newest pictures: one large, with before and after, and all others in a strip; Undo.
import { ask, message, seen } from "./ask.js";
import { previewUrl, showPreview, showPreviewLater } from "./previews.js";
import { base, copy, counted, find, keep, part, put, say, when } from "./tools.js";

const THUMB = 320; // pixels
const FOLLOW_MS = 4000; // a picture stays large for this long at least

let chosen = null; // the picture that is shown large
let followedAt = -FOLLOW_MS;
let followTimer = 0;

export const pictureKey = (picture) => String(picture.job);
export const chosenPath = () => chosen.path;

// ---- the large one ----

function facts(picture) {
  const made = picture.outputs ? counted(picture.outputs, "output", "outputs") : picture.reason || "no output";
  return [picture.folder, `done at ${when(picture.changed)}`, picture.profile && `profile ${picture.profile}`, made]
    .filter(Boolean).join(" · ");
}

function showOutputs(picture) {
  const list = find("output");
  const name = (number) => (picture.made && picture.made[number] ? base(picture.made[number]) : String(number + 1));
  find("output-label").hidden = picture.outputs < 2;
  if (list.dataset.key === pictureKey(picture))
    return;
  list.dataset.key = pictureKey(picture);
  list.replaceChildren(...Array.from({ length: picture.outputs }, (_, number) => new Option(name(number), number)));
}

const view = () => document.querySelector('input[name="view"]:checked').value;

function pixelsWanted() {
  const wanted = find("stage").clientWidth * (window.devicePixelRatio || 1);
  return wanted <= 800 ? 800 : wanted <= 1600 ? 1600 : 2560;
}

function showSide(side, of, number) {
  const image = part(find("stage"), side);
  const missing = part(find("stage"), "missing");
  image.alt = `${base(chosen.source)} ${side === "before" ? "as it arrived" : "as hotfolder made it"}`;
  showPreview(image, previewUrl(chosen, of, number, pixelsWanted()), (words) => say(missing, `No ${side}: ${words}`));
}

export function showLarge() {
  const stage = find("stage");
  if (!chosen)
    return;
  stage.dataset.view = chosen.outputs ? view() : "before";
  find("view").disabled = !chosen.outputs;
  if (chosen.outputs)
    showSide("after", "output", Number(find("output").value || 0));
  if (stage.dataset.view !== "after")
    showSide("before", "original", 0);
}

function showChosen() {
  const viewer = find("viewer");
  viewer.hidden = !chosen;
  if (!chosen)
    return;
  if (viewer.dataset.key !== pictureKey(chosen))
    say(part(viewer, "missing"), "");
  viewer.dataset.key = pictureKey(chosen);
  put(part(viewer, "name"), chosen.source);
  put(part(viewer, "facts"), facts(chosen));
  part(viewer, "undo").hidden = !chosen.can_undo;
  part(viewer, "why").hidden = !chosen.path;
  showOutputs(chosen);
  showLarge();
}

// How much of before is shown.
export function showSplit() {
  const split = find("split");
  find("stage").style.setProperty("--split", String(split.value / 100));
  split.setAttribute("aria-valuetext", `${split.value} percent before, ${100 - split.value} percent after`);
}

// ---- the strip ----

function fillThumb(node, picture) {
  const radio = node.querySelector("input");
  radio.value = pictureKey(picture);
  radio.checked = Boolean(chosen) && radio.value === pictureKey(chosen);
  radio.setAttribute("aria-label", `${base(picture.source)}, ${picture.folder}, ${when(picture.changed)}`);
  put(part(node, "name"), base(picture.source));
  showPreviewLater(part(node, "image"), previewUrl(picture, picture.outputs ? "output" : "original", 0, THUMB));
}

// The newest picture, unless a person has chosen another one.
function follow() {
  const [newest] = seen.pictures;
  const wait = followedAt + FOLLOW_MS - performance.now();
  clearTimeout(followTimer);
  if (!newest || (chosen && (!find("follow").checked || pictureKey(newest) === pictureKey(chosen))))
    return;
  if (chosen && wait > 0) {
    followTimer = setTimeout(showPictures, wait);
    return;
  }
  followedAt = performance.now();
  chosen = newest;
}

export function showPictures() {
  const empty = find("pictures-empty");
  const { pictures } = seen;
  const folder = seen.status && seen.status.folders[0];
  if (chosen)
    chosen = pictures.find((picture) => picture.job === chosen.job) || chosen;
  follow();
  keep(find("strip"), pictures, pictureKey, () => copy("thumb-template"), fillThumb);
  empty.hidden = Boolean(chosen);
  find("strip-box").hidden = pictures.length < 2;
  find("follow-label").hidden = pictures.length < 2;
  find("pictures-more").hidden = pictures.length < seen.picturesLimit;
  put(part(empty, "text"), "No picture is done yet.");
  put(part(empty, "hint"), folder ? `Put one into ${folder.path}: it appears here when it is done.` : "There has to be a folder first.");
  showChosen();
}

// A person has chosen one: newer ones do not take its place, unless it is the newest itself.
export function choose(key) {
  chosen = seen.pictures.find((picture) => pictureKey(picture) === key) || chosen;
  find("follow").checked = chosen === seen.pictures[0];
  showChosen();
}

export function followAgain() {
  followedAt = -FOLLOW_MS;
  showPictures();
}

// ---- undo ----

function confirmed(title, text) {
  const dialog = find("confirm");
  put(find("confirm-title"), title);
  put(find("confirm-text"), text);
  dialog.returnValue = "no";
  dialog.showModal();
  part(dialog, "no").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

// Asks the person first. Whether it was undone.
export async function undo() {
  const picture = chosen;
  const outputs = counted(picture.outputs, "output goes", "outputs go");
  if (!await confirmed(`Undo ${base(picture.source)}?`, `The original goes back into ${picture.folder}, where it is ` +
    `ignored until it is tried again. Its ${outputs} to the trash.`))
    return false;
  const { pictures: [undone], refusals: [refused] } = await ask("v1/undo", { job: picture.job });
  if (refused)
    message(`${refused.path}: ${refused.error}`, refused.fix, true);
  else if (undone)
    message(`Undone: the original lies at ${undone.path} again. ${counted(undone.outputs, "output is", "outputs are")} in the trash.`);
  if (undone)
    chosen = null;
  return Boolean(undone);
}
