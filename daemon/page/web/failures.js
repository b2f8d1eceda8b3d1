// SPDX-License-Identifier: LGPL-2.1-or-later
// failures.js - what failed, why, and Retry.
import { ask, message, seen } from "./ask.js";
import { pictureKey } from "./pictures.js";
import { copy, counted, find, keep, part, put, say, when } from "./tools.js";

function fillFailure(node, picture) {
  const error = picture.error || {};
  const attempts = counted(picture.attempts, "attempt", "attempts");
  node.dataset.path = picture.path || "";
  node.dataset.job = picture.job;
  put(part(node, "name"), picture.source);
  put(part(node, "what"), picture.reason || error.what || "");
  say(part(node, "where"), error.where);
  say(part(node, "fix"), error.fix || picture.fix);
  put(part(node, "when"), `at ${when(picture.changed)}, after ${attempts}`);
  put(part(node, "retry-of"), ` ${picture.source}`);
  put(part(node, "why-of"), ` ${picture.source} failed`);
  part(node, "retry").hidden = !picture.can_retry;
}

function fillGroup(node, [folder, pictures]) {
  const button = part(node, "retry-all");
  node.dataset.folder = folder;
  put(part(node, "name"), `${folder}: ${counted(pictures.length, "picture", "pictures")}`);
  button.setAttribute("aria-label", `Retry all of ${folder}`);
  button.hidden = !pictures.some((picture) => picture.can_retry);
  keep(part(node, "list"), pictures, pictureKey, () => copy("failure-template"), fillFailure);
}

export function showFailures() {
  const { failures } = seen;
  const groups = new Map();
  const count = find("failures-count");
  const more = failures.length >= seen.failuresLimit;
  for (const picture of failures)
    groups.set(picture.folder, [...(groups.get(picture.folder) || []), picture]);
  keep(find("failure-groups"), [...groups].sort(([a], [b]) => a.localeCompare(b)), ([folder]) => folder,
    () => copy("failure-group-template"), fillGroup);
  say(find("failures-empty"), failures.length ? "" : "No picture has failed.");
  find("failures-more").hidden = !more;
  count.hidden = !failures.length;
  put(count, `${failures.length}${more ? "+" : ""}`);
}

const queuedAgain = (count) => `${counted(count, "picture is", "pictures are")} queued again`;

// An answer about many pictures is one part of them.
export async function retry(body) {
  const refusals = [];
  let retried = 0;
  let refused = 0;
  let after;
  do {
    const answer = await ask("v1/retry", after === undefined ? body : { ...body, after });
    retried += answer.retried;
    refused += answer.refused;
    refusals.push(...answer.refusals);
    after = answer.next;
    if (after !== undefined)
      message(`${queuedAgain(retried)}; there are more.`);
  } while (after !== undefined);
  if (refused)
    message(`${queuedAgain(retried)}, and ${refused} not. ${refusals[0].path}: ${refusals[0].error}`, refusals[0].fix, true);
  else
    message(`${queuedAgain(retried)}.`);
}
