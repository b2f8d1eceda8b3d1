// SPDX-License-Identifier: LGPL-2.1-or-later
// why.js - what becomes of a path that was typed or dropped, and why.
import { act, ask, message, seen } from "./ask.js";
import { counted, find, keep, part, put, putFacts, putList, queryPath, when } from "./tools.js";
import { reasons } from "./folders.js";

function fillAnswer(answer) {
  const box = find("why-answer");
  const error = answer.error || {};
  const state = part(box, "state");
  box.hidden = false;
  put(state, answer.state);
  state.dataset.kind = { done: "good", available: "good", failed: "bad", unavailable: "bad", held: "warn" }[answer.state] || "waits";
  put(part(box, "path"), answer.path);
  put(part(box, "sentence"), answer.sentence);
  putList(part(box, "notes"), answer.notes);
  putFacts(part(box, "facts"), [
    ["Folder", answer.folder],
    ["Error", answer.sentence.includes(error.what) ? "" : error.what],
    ["Where", error.where],
    ["What helps", answer.notes.some((note) => note.includes(error.fix)) ? "" : error.fix],
    ["Arrived as", answer.source],
    ["Arrived", answer.arrived && when(answer.arrived)],
    ["Changed", answer.changed && when(answer.changed)],
    ["Next check", answer.next_check && when(answer.next_check)],
    ["Next attempt", answer.next_attempt && when(answer.next_attempt)],
    ["Attempts", answer.attempts],
    ["Before it", answer.before === undefined ? "" : counted(answer.before, "picture", "pictures")],
    ["Profile", answer.profile],
    ["Outputs", (answer.outputs || []).join("\n")],
    ["Pictures", answer.pictures ? reasons(answer.pictures) : ""],
    ["Folders", (answer.folders || []).map((folder) => `${folder.name}: ${folder.path}`).join("\n")],
    ["Configuration", answer.configuration],
  ]);
}

export async function why(path) {
  find("why-path").value = path;
  find("why-places").hidden = true;
  find("why-answer").hidden = true;
  fillAnswer(await ask(`v1/why?path=${queryPath(path)}`));
  find("why-answer").focus();
}

// A browser says only the name of a dropped file: the person chooses where it lies.
function askWhere(name) {
  const box = find("why-places");
  const places = seen.status ? seen.status.folders.flatMap((folder) => [folder.path, folder.output]) : [];
  const paths = [...new Set(places)].map((place) => `${place}/${name}`);
  box.hidden = false;
  find("why-answer").hidden = true;
  find("why-path").value = paths[0] || `/${name}`;
  put(part(box, "text"), `The browser gives only the name ${name}, not its directory. Choose where it lies, or complete the path above.`);
  keep(part(box, "list"), paths, (path) => path, (path) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "path";
    button.dataset.action = "why-place";
    button.textContent = path;
    item.append(button);
    return item;
  }, () => {});
  const first = box.querySelector("button");
  (first || find("why-path")).focus();
}

// Whether a file is over the page.
export function overWhy(isOver) {
  find("why-form").classList.toggle("over", isOver);
}

// The path in what was dropped, where the program it comes from gives one.
function droppedPath(data) {
  const lines = `${data.getData("text/uri-list")}\n${data.getData("text/plain")}`.split(/\r?\n/);
  for (const line of lines) {
    if (line.startsWith("/"))
      return line.trim();
    if (!line.startsWith("file:///"))
      continue;
    try {
      return decodeURIComponent(new URL(line).pathname);
    } catch {
      return "";
    }
  }
  return "";
}

export function dropped(data) {
  const path = droppedPath(data);
  const [file] = data.files;
  overWhy(false);
  find("why").scrollIntoView({ block: "nearest" });
  if (path)
    act(null, () => why(path));
  else if (file)
    askWhere(file.name);
  else
    message("What was dropped is no file and no path.", "Type the path instead.", true);
}
