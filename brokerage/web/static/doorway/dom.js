// The few lines that both scripts share.

export const body = document.body;
export const $ = (selector, within = document) => within.querySelector(selector);
export const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];

export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

export function icon(path) {
  const holder = make("span", "");
  holder.innerHTML = `<svg class="dw-icon" width="18" height="18" viewBox="0 0 14 14" aria-hidden="true"><path d="${path}" fill="none" stroke="currentColor" stroke-width="2"/></svg>`;
  return holder.firstChild;
}
