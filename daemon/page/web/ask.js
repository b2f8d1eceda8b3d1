// SPDX-License-Identifier: LGPL-2.1-or-later
// ask.js - what is known, and how the service is asked for more.
import { find, part, put, say } from "./tools.js";

export const STEP = 24; // how many more pictures are shown
export const seen = {
  status: null,
  pictures: [],
  failures: [],
  cards: null,
  picturesLimit: STEP,
  failuresLimit: STEP,
  connected: true,
  alive: true,
};

class Refused extends Error {
  constructor(status, answer) {
    super(answer.error || `the answer is ${status}`);
    this.status = status;
    this.fix = answer.fix || "";
  }
}

export async function ask(target, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Hotfolder": "1" },
    body: JSON.stringify(body),
  };
  let response;
  try {
    response = await fetch(target, { cache: "no-store", credentials: "same-origin", ...options });
  } catch {
    throw new Refused(0, { error: "the page's server does not respond", fix: "the page goes on when it is back" });
  }
  const answer = await response.json().catch(() => ({}));
  if (response.status === 401)
    location.assign("login");
  if (!response.ok)
    throw new Refused(response.status, answer);
  return answer;
}

// The last message stays until there is another one, or a person closes it.
export function message(text, fix, isError) {
  const box = find("message");
  box.dataset.kind = isError ? "bad" : "good";
  box.hidden = false;
  put(part(box, "text"), text);
  say(part(box, "fix"), fix);
}

const refusedMessage = (refused) => message(refused.message, refused.fix, true);

// Does what a button says, once at a time; what is refused is shown as the answer has it.
export async function act(button, work) {
  if (button && button.getAttribute("aria-disabled") === "true")
    return;
  if (button)
    button.setAttribute("aria-disabled", "true");
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refused))
      throw error;
    refusedMessage(error);
  } finally {
    if (button)
      button.removeAttribute("aria-disabled");
  }
}
