// SPDX-License-Identifier: LGPL-2.1-or-later
// folders.js - the folders: their state and counts, Pause and Resume.
import { ask, message, seen } from "./ask.js";
import { base, copy, counted, find, keep, pace, part, put, putFacts, say, span, when } from "./tools.js";

const total = (counts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
export const reasons = (counts) => Object.entries(counts).map(([reason, count]) => `${reason}: ${count}`).join("; ");
const KINDS = { available: "good", unavailable: "bad", held: "warn", paused: "waits" };

function folderReason(folder) {
  const texts = [];
  if (folder.reason)
    texts.push(folder.reason);
  if (folder.paused_by && folder.state !== "paused")
    texts.push(`paused by ${folder.paused_by} since ${when(folder.paused_since)}`);
  return texts.join("; ");
}

function pausedReason(folder) {
  return `by ${folder.paused_by} since ${when(folder.paused_since)}` + (folder.paused_by_name ? "" : ", with all folders");
}

function folderPace(folder) {
  const texts = [];
  const jobs = seen.status.jobs.filter((job) => job.folder === folder.name);
  if (jobs.length)
    texts.push(`In progress: ${jobs.map((job) => base(job.picture) + (job.waits_for ? ` (waits for ${job.waits_for})` : "")).join(", ")}`);
  if (folder.pictures_per_s)
    texts.push(`${pace(folder.pictures_per_s)} a minute`);
  if (folder.time_left_s !== undefined)
    texts.push(`${span(folder.time_left_s)} left`);
  return texts.join("; ");
}

function unmoved(folder) {
  if (!folder.unmoved)
    return "";
  const fixes = folder.unmoved_directories.filter((row) => row.fix).map((row) => row.fix);
  return `${counted(folder.unmoved, "original", "originals")} could not be moved` + (fixes.length ? `: ${fixes[0]}` : "");
}

function fillFolder(node, folder) {
  const state = part(node, "state");
  const pause = part(node, "pause");
  node.dataset.folder = folder.name;
  put(part(node, "name"), folder.name);
  state.dataset.kind = KINDS[folder.state] || "waits";
  put(state, folder.state);
  say(part(node, "reason"), folder.state === "paused" ? pausedReason(folder) : folderReason(folder));
  for (const count of ["queued", "in_progress", "done", "failed"])
    put(part(node, count), folder[count].toLocaleString("en-GB"));
  put(part(node, "pending"), total(folder.pending).toLocaleString("en-GB"));
  part(node, "failed-box").classList.toggle("some", folder.failed > 0);
  say(part(node, "pace"), folderPace(folder));
  say(part(node, "unmoved"), unmoved(folder));
  pause.hidden = Boolean(folder.paused_by) && !folder.paused_by_name;
  pause.dataset.action = folder.paused_by_name ? "resume" : "pause";
  put(pause, folder.paused_by_name ? "Resume" : "Pause");
  pause.setAttribute("aria-label", `${pause.textContent} ${folder.name}`);
  put(part(node, "details-of"), ` of ${folder.name}`);
  putFacts(part(node, "facts"), [
    ["Pictures arrive in", folder.path],
    ["Outputs appear in", folder.output],
    ["Profile", folder.profile],
    ["New files are found by", folder.watch],
    ["Directories", folder.directories],
    ["Order", folder.order],
    ["Oldest queued", folder.oldest_queued && `${folder.oldest_queued}, since ${when(folder.oldest_queued_since)}`],
    ["Duplicates", folder.duplicates || ""],
    ["Pending", reasons(folder.pending)],
    ["Ignored", reasons(folder.ignored)],
  ]);
}

export function showFolders() {
  const { folders } = seen.status;
  const all = folders.length > 0 && folders.every((folder) => folder.paused_by);
  const button = find("pause-all");
  keep(find("folder-list"), folders, (folder) => folder.name, () => copy("folder-template"), fillFolder);
  find("folders-empty").hidden = folders.length > 0;
  put(part(find("folders-empty"), "text"), "There is no folder yet.");
  put(part(find("folders-empty"), "hint"), "An administrator makes one with: sudo hotfolder add /srv/photos/inbox");
  button.hidden = folders.length === 0;
  button.dataset.action = all ? "resume-all" : "pause-all";
  put(button, all ? "Resume all" : "Pause all");
}

export async function steer(action, folder) {
  const pausing = action === "pause";
  const answer = await ask(`v1/${action}`, folder === undefined ? {} : { folder });
  const what = folder === undefined ? "All folders" : folder;
  const verb = folder === undefined ? "are" : "is";
  if (answer.already)
    message(`${what} ${verb} ${pausing ? "paused already" : "not paused"}.`);
  else
    message(pausing ? `${what} ${verb} paused: pictures in progress end, and no other one begins.` : `${what} ${verb} at work again.`);
  if (answer.still_paused && answer.still_paused.length)
    message(`${answer.still_paused.map((pause) => pause.folder || "all folders").join(", ")}: still paused.`);
}
