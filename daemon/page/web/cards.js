// SPDX-License-Identifier: LGPL-2.1-or-later
// cards.js - cards of cameras, and their verdicts.
import { seen } from "./ask.js";
import { copy, find, keep, part, put, putFacts, putList, say, size, when } from "./tools.js";

function cardVerdict(card) {
  if (card.safe)
    return ["SAFE TO FORMAT", "good"];
  if (card.state === "reading")
    return ["BEING READ", "waits"];
  if (card.state === "held")
    return ["HELD", "warn"];
  return ["NOT SAFE", "bad"];
}

function fillCard(node, card) {
  const badge = part(node, "verdict");
  const progress = part(node, "progress");
  const [word, kind] = cardVerdict(card);
  const line = card.verdict || "";
  badge.dataset.kind = kind;
  put(badge, word);
  put(part(node, "name"), card.name || card.label || card.uuid || card.source || "Card");
  say(part(node, "line"), line.startsWith(`${word}: `) ? line.slice(word.length + 2) : line);
  progress.hidden = card.state !== "reading" || !card.bytes;
  progress.value = card.bytes ? Math.min(1, card.read / card.bytes) : 0;
  progress.setAttribute("aria-label", `How much of ${card.name || "the card"} is read`);
  put(part(node, "pull"), card.may_be_pulled ? (card.safe ? "May be pulled." : "May be pulled; do not format it.") : "Do not pull it.");
  putList(part(node, "reasons"), (card.reasons || []).filter((reason) => !line.includes(reason)));
  putFacts(part(node, "facts"), [
    ["Files", `${card.done.toLocaleString("en-GB")} of ${card.files.toLocaleString("en-GB")} copied, ${size(card.bytes)}`],
    ["Speed", card.bytes_per_s ? `${size(card.bytes_per_s)} a second` : ""],
    ["Copies in", (card.destinations || []).join(", ")],
    ["Began", when(card.began)],
    ["Ended", card.ended ? when(card.ended) : ""],
  ]);
}

export function showCards() {
  const empty = find("cards-empty");
  keep(find("card-list"), seen.cards, (card) => card.id, () => copy("card-template"), fillCard);
  empty.hidden = seen.cards.length > 0;
  put(part(empty, "text"), "No card was imported yet.");
  put(part(empty, "hint"), "With import in the configuration, a card is copied when it is put in, and its verdict stands here.");
}
