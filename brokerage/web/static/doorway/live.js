// Live news. Every page works without it, by reloading.
//
// One socket per page brings two kinds of frame. Entries ({id, type, at, data, text}) are personal and durable:
// shown once, counted on the bell, the last id kept so that a new connection asks for exactly what was missed.
// Hints ({type}) say "look again". Both become DOM events on <body>, and htmx refreshes what listens:
//   <section hx-get="…" hx-trigger="doorway:claims.changed from:body, doorway:resync from:body">

import { $, $$, body, icon, make } from "./dom.js";

const announce = (name, detail) => body.dispatchEvent(new CustomEvent(`doorway:${name}`, { detail, bubbles: true }));

// ---- The socket ----

const socketUrl = body.dataset.socketUrl;
const SILENT_AFTER = 5000; // ms without a connection before the page says so
const PROMPT = 3000; // ms after which a page that only now connects may have missed a hint
const shownAtLoad = Number(body.dataset.lastEntry || 0); // the bell in the page counts up to here
const MEMORY = `doorway-heard:${body.dataset.person}`;
let lastEntry = heardOnThePageBefore() ?? shownAtLoad;
let socket = null;
let failures = 0;
let waiting = null;
let silence = null;
let wasOpen = false;

// News that came while one page gave way to the next is told on the next, if that was just now.
function heardOnThePageBefore() {
  const { id, at } = JSON.parse(sessionStorage.getItem(MEMORY) ?? "{}");
  return Date.now() - at < 60000 ? id : undefined;
}

function connect() {
  clearTimeout(waiting);
  waiting = null;
  socket = new WebSocket(`${socketUrl}${socketUrl.includes("?") ? "&" : "?"}after=${lastEntry}`);
  socket.addEventListener("open", opened);
  socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
  socket.addEventListener("close", closed);
}

function opened() {
  const isFirstAndPrompt = !wasOpen && !failures && performance.now() < PROMPT;
  wasOpen = true;
  failures = 0;
  clearTimeout(silence);
  silence = null;
  setOffline(false);
  if (!isFirstAndPrompt) announce("resync", {}); // hints may have been lost since the page was made
}

// 4400 to 4499: the server says that trying again is of no use (signed out, no longer a member).
function closed(event) {
  socket = null;
  if (event.code >= 4400 && event.code < 4500) return setLive(false);
  silence ??= setTimeout(() => setOffline(true), SILENT_AFTER);
  if (document.hidden && failures > 3) return; // a page nobody looks at waits until somebody does
  const ceiling = Math.min(30000, 500 * 2 ** failures++);
  waiting = setTimeout(connect, ceiling / 2 + (Math.random() * ceiling) / 2);
}

function setOffline(isOffline) {
  const bar = $("[data-offline]");
  if (bar) bar.hidden = !isOffline;
  setLive(!isOffline);
}

// "Live" is said only while it is so: not before the socket stands, nor without one.
const setLive = (isLive) => body.toggleAttribute("data-live", isLive);

function hear(frame) {
  if (!("id" in frame)) return announce(frame.type, frame);
  if (frame.id <= lastEntry) return undefined;
  lastEntry = frame.id;
  if (frame.id > shownAtLoad && frame.rings !== false) ring();
  toast(frame.text);
  announce("entry", frame);
  return announce(frame.type, frame);
}

if (socketUrl) {
  connect();
  const wake = () => !document.hidden && !socket && connect();
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  window.addEventListener("pageshow", (event) => event.persisted && announce("resync", {}));
  window.addEventListener("pagehide", () => sessionStorage.setItem(MEMORY, JSON.stringify({ id: lastEntry, at: Date.now() })));
}

// ---- Bell and toast ----

function ring() {
  const count = $("[data-bell-count]");
  if (!count) return;
  const unread = Number(count.firstChild?.textContent || 0) + 1;
  count.firstChild.textContent = unread;
  count.hidden = false;
}

const TOAST_STAYS = 8000;
const pending = [];
let showing = null;

function toast(text) {
  pending.push(text);
  if (!showing) showNext();
}

function showNext() {
  const place = $("[data-toasts]");
  if (!place || !pending.length) return;
  const words = pending.length > 2 ? `${pending.length} new events` : pending[0];
  pending.splice(0, pending.length > 2 ? pending.length : 1);
  const close = make("button", "dw-toast__close");
  close.type = "button";
  close.setAttribute("aria-label", "Close");
  close.append(icon("M3 3l8 8M11 3l-8 8"));
  showing = make("div", "dw-toast", icon("M2.5 7.5l3 3 6-7"), make("p", "", words), close);
  place.replaceChildren(showing);
  let timer = setTimeout(drop, TOAST_STAYS);
  showing.addEventListener("pointerenter", () => clearTimeout(timer));
  showing.addEventListener("pointerleave", () => { timer = setTimeout(drop, 2000); });
  close.addEventListener("click", drop);
}

function drop() {
  showing?.remove();
  showing = null;
  showNext();
}

// ---- Refreshing parts of the page: a storm of hints makes one request a second for each element ----

const REST = 1000;
const quiet = new Map(); // address and part → when it was last asked for

body.addEventListener("htmx:confirm", (event) => {
  const element = event.target;
  if (!event.detail.triggeringEvent?.type?.startsWith("doorway:")) return;
  event.preventDefault();
  const asked = `${event.detail.path} ${element.id}`;
  const state = quiet.get(asked) ?? { at: 0, timer: null };
  quiet.set(asked, state);
  if (state.timer) return; // one is on its way already
  const rest = Math.max(0, state.at + REST - Date.now());
  state.timer = setTimeout(() => {
    state.timer = null;
    state.at = Date.now();
    stale.add(event.detail);
    catchUp();
  }, rest + Math.random() * 300);
});

const stale = new Set(); // refreshes put off while nobody looks, or while somebody works inside the element
const isBusy = (element) => element.contains(document.activeElement) && document.activeElement.matches("input, select, textarea, summary, [contenteditable]");

function catchUp() {
  for (const detail of [...stale]) {
    if (document.hidden || isBusy(detail.elt)) continue;
    stale.delete(detail);
    if (detail.elt.isConnected) detail.issueRequest(true);
  }
  const isFree = (part) => !part.isConnected || !(isBusy(part) || isFilled(part));
  const free = [...held].filter(isFree);
  free.forEach((part) => held.delete(part));
  if (free.some((part) => part.isConnected)) announce("resync", {});
}
document.addEventListener("visibilitychange", catchUp);
document.addEventListener("focusout", () => setTimeout(catchUp));

// A refresh may bring other parts along (hx-select-oob). The one somebody works in stays as it is, the rest goes on.
const held = new Set();
const isFilled = (part) => "filled" in part.dataset || $$("input:not([type=hidden]), textarea, select", part).some(differs);

function differs(field) {
  if (field.matches("[type=radio], [type=checkbox]")) return field.checked !== field.defaultChecked;
  if (field.matches("select")) return field.selectedIndex !== Math.max(0, [...field.options].findLastIndex((option) => option.defaultSelected));
  return field.value !== field.defaultValue;
}

body.addEventListener("htmx:oobBeforeSwap", ({ detail }) => {
  detail.shouldSwap = !(isBusy(detail.target) || isFilled(detail.target));
  if (!detail.shouldSwap) return void held.add(detail.target);
  if (detail.target.contains(document.activeElement)) focused = document.activeElement.id;
  for (const { id } of $$("details[id][open]", detail.target)) $(`[id="${id}"]`, detail.fragment)?.setAttribute("open", "");
});

// What was inside a refreshed part keeps the focus when it is still there under the same id.
let focused = "";
// What was said after a press («You’re booked») leaves once a word of data-standing no longer holds.
let stood = "";
body.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
  focused = target.contains(document.activeElement) ? document.activeElement.id : "";
  stood = target.dataset.standing ?? "";
});
body.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
  const stands = document.getElementById(target.id)?.dataset.standing?.split(" ") ?? [];
  if (stood && stood.split(" ").some((word) => !stands.includes(word))) $$("[data-said=success]").forEach((banner) => banner.remove());
});

// ---- Lists that never move under a finger ----
// <div data-live-list="URL" data-live-on="needs.changed"> holds cards with data-id. New ones wait behind "2 new";
// those gone become one line for 20 seconds, then leave; those still there are replaced where they stand.

const GONE_STAYS = 20000;

async function readAgain(list) {
  const response = await fetch(list.dataset.liveList, { headers: { "HX-Request": "true" }, credentials: "same-origin" });
  if (!response.ok || response.redirected) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const cards = $$("[data-id]", $("[data-live-list]", page) ?? page);
  const fresh = new Map(cards.map((card) => [card.dataset.id, card]));
  for (const old of $$("[data-id]", list)) {
    const now = fresh.get(old.dataset.id);
    fresh.delete(old.dataset.id);
    if (!now) leave(old);
    else if (!old.contains(document.activeElement) && now.outerHTML !== old.outerHTML) swapCard(old, now);
  }
  offer(list, fresh);
  const count = $("[data-live-count]", page);
  if (count) $("[data-live-count]")?.replaceChildren(...count.childNodes);
}

function swapCard(old, now) {
  old.replaceWith(now);
  window.htmx?.process(now);
}

function leave(card) {
  if (card.contains(document.activeElement) || card.dataset.leaving) return;
  card.dataset.leaving = "true";
  const line = make("p", "dw-sm dw-mb-0");
  line.append(make("b", "", card.dataset.gone || "This visit"), " was filled just now.");
  card.style.minHeight = `${card.getBoundingClientRect().height}px`; // what is below stays where it is until nobody points at it
  card.className = "dw-card dw-card--dashed dw-feed-card";
  card.replaceChildren(line);
  whenNobodyPoints(card, () => { card.style.minHeight = ""; });
  setTimeout(() => whenNobodyPoints(card, () => {
    card.classList.add("dw-leaving");
    setTimeout(() => card.remove(), 500);
  }), GONE_STAYS);
}

let touches = 0;
for (const type of ["touchstart", "touchend", "touchcancel"]) document.addEventListener(type, (event) => { touches = event.touches.length; }, { passive: true });

function whenNobodyPoints(card, act) {
  if (touches || card.closest("[data-live-list]")?.matches(":hover")) setTimeout(whenNobodyPoints, 1000, card, act);
  else act();
}

function offer(list, fresh) {
  let holder = $(".dw-newer", list);
  if (!holder) list.prepend((holder = make("div", "dw-newer")));
  holder.hidden = !fresh.size;
  if (!fresh.size) return;
  const button = make("button", "", `${fresh.size} new`);
  button.type = "button";
  button.addEventListener("click", () => location.assign(location.href.split("#")[0]));
  holder.replaceChildren(button);
}

for (const list of $$("[data-live-list]")) {
  let timer = null;
  const soon = () => { timer ??= setTimeout(() => { timer = null; readAgain(list).catch(() => {}); }, REST + Math.random() * 500); };
  for (const name of ["resync", ...(list.dataset.liveOn || "needs.changed").split(" ")]) body.addEventListener(`doorway:${name}`, soon);
}

// ---- Relative times ----

const MINUTE = 60000;
setInterval(() => {
  for (const time of $$("time[data-ago]")) {
    const minutes = Math.floor((Date.now() - Date.parse(time.dateTime)) / MINUTE);
    if (minutes < 60) time.textContent = minutes < 1 ? "just now" : `${minutes} minute${minutes === 1 ? "" : "s"} ago`;
  }
}, MINUTE / 2);
