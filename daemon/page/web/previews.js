// SPDX-License-Identifier: LGPL-2.1-or-later
// previews.js - small pictures of files: two at a time, so that the browser has connections left for what
// people ask, and again later where the service has too much to do.
const AT_ONCE = 2;
const AGAIN_MS = 3000;
const TRIES = 10;

const waiting = [];
const ends = new WeakMap(); // of an image that is being loaded: what gives its place to the next one
let busy = 0;

export function previewUrl(picture, of, number, pixels) {
  return `v1/preview?job=${picture.job}&of=${of}&n=${number}&size=${pixels}`;
}

// Why there is none, in the words of the service, and whether to ask again.
async function refusal(url) {
  try {
    const response = await fetch(url);
    const answer = response.ok ? {} : await response.json();
    const words = [answer.error, answer.fix].filter(Boolean).join("; ");
    return { again: response.ok || response.status >= 500, words: words || "it cannot be shown" };
  } catch {
    return { again: true, words: "the page's server does not respond" };
  }
}

async function failed(wish) {
  const { again, words } = await refusal(wish.url);
  if (wish.image.dataset.url !== wish.url)
    return;
  if (again && wish.tries < TRIES) {
    setTimeout(() => queue({ ...wish, tries: wish.tries + 1 }), AGAIN_MS);
    return;
  }
  wish.image.classList.remove("loading");
  wish.image.classList.add("missing");
  wish.missing(words);
}

function load(wish) {
  const { image, url } = wish;
  const end = () => {
    if (ends.get(image) !== end)
      return;
    ends.delete(image);
    busy--;
    next();
  };
  busy++;
  ends.set(image, end);
  image.onload = () => {
    image.classList.remove("loading");
    end();
  };
  image.onerror = () => failed(wish).finally(end);
  image.src = url;
}

function next() {
  while (busy < AT_ONCE && waiting.length) {
    const wish = waiting.shift();
    if (wish.image.dataset.url === wish.url && wish.image.isConnected)
      load(wish);
  }
}

function queue(wish) {
  if (wish.isLarge)
    waiting.unshift(wish);
  else
    waiting.push(wish);
  next();
}

// Shows what is at url in an image; `missing` gets the words where there is nothing. What the image waited
// for before is forgotten.
function show(image, url, isLarge, missing) {
  const before = ends.get(image);
  if (image.dataset.url === url)
    return;
  image.dataset.url = url;
  image.classList.add("loading");
  image.classList.remove("missing");
  if (before)
    before();
  queue({ image, url, isLarge, missing, tries: 0 });
}

export const showPreview = (image, url, missing) => show(image, url, true, missing);

// Asks again for what could not be shown: its file, or the service, may be back.
export function forgetMissing() {
  for (const image of document.querySelectorAll("img.missing")) {
    delete image.dataset.url;
    delete image.dataset.wanted;
  }
}

const watcher = new IntersectionObserver((entries) => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting)
      continue;
    watcher.unobserve(target);
    show(target, target.dataset.wanted, false, () => {});
  }
}, { rootMargin: "200px" });

// The same when the image is about to be seen.
export function showPreviewLater(image, url) {
  if (image.dataset.wanted === url)
    return;
  image.dataset.wanted = url;
  watcher.observe(image);
}
