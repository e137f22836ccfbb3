// Small comforts for forms and menus. Every form works without it.

import { $, $$, body, icon, make } from "./dom.js";

function enhance(root) {
  $$("[data-day]", root).forEach(addCalendar);
  $$("[data-remove-row]", root).forEach((part) => {
    // A row that comes back ticked shows its tick, so that nobody loses a time they see.
    const tick = part.parentElement.querySelector("[data-delete]");
    part.hidden = Boolean(tick && $("input", tick).checked);
    if (tick) tick.hidden = !part.hidden;
  });
  $$("textarea[data-count]", root).forEach(countCharacters);
}

// The browser's own calendar behind a button; the text field stays the field.
function addCalendar(day) {
  const field = $("input", day);
  const native = make("input", "dw-day__native");
  if (field.dataset.ready || !native.showPicker) return;
  field.dataset.ready = "true";
  Object.assign(native, { type: "date", tabIndex: -1 });
  native.setAttribute("aria-hidden", "true");
  const button = make("button", "dw-day__button");
  button.type = "button";
  button.setAttribute("aria-label", "Choose a date");
  button.append(icon("M2 3.5h10v8.5H2zM2 6.3h10M4.6 1.6v3M9.4 1.6v3"));
  button.addEventListener("click", () => native.showPicker());
  native.addEventListener("change", () => {
    if (!native.value) return;
    const chosen = new Date(`${native.value}T12:00:00`);
    const part = (options) => chosen.toLocaleDateString("en-GB", options);
    field.value = `${part({ weekday: "short" })} ${chosen.getDate()} ${part({ month: "short" }).slice(0, 3)} ${chosen.getFullYear()}`;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    field.focus();
  });
  day.append(make("span", "dw-day__picker", native, button));
}

function countCharacters(field) {
  if (field.dataset.ready) return;
  field.dataset.ready = "true";
  const most = Number(field.dataset.count);
  const line = make("p", "govuk-hint");
  line.setAttribute("aria-live", "polite");
  field.after(line);
  const say = () => {
    const left = most - field.value.length;
    line.textContent = left > most / 4 ? "" : left >= 0 ? `${left} characters left` : `${-left} characters too many`;
  };
  field.addEventListener("input", say);
  say();
}

// Rows of a formset: the same button without this script asks the server for one more.
document.addEventListener("click", (event) => {
  const add = event.target.closest("[data-add-row]");
  const remove = event.target.closest("[data-remove-row]");
  const rows = (add ?? remove)?.closest("[data-rows]");
  if (!rows) return;
  const total = $(`[name$="${rows.dataset.rows}-TOTAL_FORMS"]`, rows);
  if (add) {
    event.preventDefault();
    const all = $$("[data-row]", rows);
    const last = all[all.length - 1];
    const piece = $("template", rows).innerHTML.replaceAll("__prefix__", total.value);
    last ? last.insertAdjacentHTML("afterend", piece) : $(".dw-slots", rows).insertAdjacentHTML("beforeend", piece);
    total.value = Number(total.value) + 1;
    const row = $$("[data-row]", rows).pop();
    if (last) copyTimes(last, row);
    enhance(row);
    $("input:not([type=hidden])", row)?.focus();
  } else {
    const row = remove.closest("[data-row]");
    $("[data-delete] input", row).checked = true;
    row.classList.add("dw-slot--gone");
    $("[data-add-row]", rows).focus();
  }
  rows.dispatchEvent(new Event("change", { bubbles: true }));
});

// A second date is nearly always at the same times.
function copyTimes(from, to) {
  const before = $$("input[type=text]", from);
  $$("input[type=text]", to).forEach((field, n) => { if (n > 0 && !field.value) field.value = before[n]?.value ?? ""; });
}

// What was typed outlives a failed sending: it is kept in this tab until a page that follows the form arrives.
const draftKey = (form) => `doorway-draft:${form.dataset.draft}:${location.pathname}${location.search}`;
const drafted = (form) => [...new FormData(form)].filter(([name, value]) => typeof value === "string" && !/csrf|password|code|email/i.test(name));
document.addEventListener("input", ({ target }) => {
  const form = target.closest?.("form[data-draft]");
  if (form) sessionStorage.setItem(draftKey(form), JSON.stringify(drafted(form)));
});
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (!navigator.onLine) {
    event.preventDefault();
    return notice(form, "You’re offline, so nothing was sent. What you typed is still here.");
  }
  if (form.dataset.draft) sessionStorage.setItem("doorway-sent", JSON.stringify([draftKey(form), location.href]));
  return undefined;
});

function forgetWhatArrived() {
  const [key, from] = JSON.parse(sessionStorage.getItem("doorway-sent") ?? "[]");
  if (from && document.referrer === from && performance.getEntriesByType("navigation")[0]?.type !== "back_forward") sessionStorage.removeItem(key);
  sessionStorage.removeItem("doorway-sent");
}

function restore(form) {
  const draft = JSON.parse(sessionStorage.getItem(draftKey(form)) ?? "null");
  if (!draft) return;
  const values = new Map();
  for (const [name, value] of draft) values.set(name, [...(values.get(name) ?? []), value]);
  for (const rows of $$("[data-rows]", form)) {
    const name = `${rows.dataset.rows}-TOTAL_FORMS`;
    while (Number($(`[name="${name}"]`, rows).value) < Number(values.get(name)?.[0] ?? 0)) $("[data-add-row]", rows).click();
  }
  for (const field of form.elements) {
    const given = values.get(field.name) ?? [];
    if (field.matches("[type=radio], [type=checkbox]")) field.checked = given.includes(field.value);
    else if (given.length && field.type !== "hidden") field.value = given[0];
  }
  enhance(form);
  notice(form, "We’ve put back what you typed.", "Start afresh", () => {
    sessionStorage.removeItem(draftKey(form));
    location.reload();
  });
}

function notice(form, words, action = "", act = null) {
  const line = make("p", "", words);
  if (action) {
    const button = make("button", "dw-text-button", action);
    button.type = "button";
    button.addEventListener("click", act);
    line.append(" ", button);
  }
  const banner = make("div", "dw-banner", icon("M7 6v4.2M7 3.4v1.5"), line);
  banner.setAttribute("role", "status");
  $(":scope > .dw-banner", form)?.remove();
  form.prepend(banner);
  banner.scrollIntoView({ block: "nearest" });
}

// ---- Once is enough ----

// The second click of a double click would ask for the same again and show its refusal instead of what was done.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "true";
  setTimeout(() => delete form.dataset.sent, 4000);
});

// ---- Menus and the error summary ----

document.addEventListener("click", (event) => {
  $$("details[data-menu][open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  const link = event.target.closest("[data-error-summary] a");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const legend = field.closest("fieldset")?.querySelector("legend") ?? field.labels?.[0] ?? field;
  legend.scrollIntoView();
  field.focus({ preventScroll: true });
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details[data-menu][open]");
  if (menu) { menu.open = false; $("summary", menu).focus(); }
});

enhance(document);
body.addEventListener("htmx:afterSwap", () => enhance(document));
forgetWhatArrived();
if ($("[data-error-summary]")) $("[data-error-summary]").focus();
else $$("form[data-draft]").forEach(restore);
