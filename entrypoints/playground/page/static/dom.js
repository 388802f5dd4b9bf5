// Small things that every part of the page builds with.

import { language } from "./strings.js";

export const $ = (id) => document.getElementById(id);
export const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const seconds = new Intl.DateTimeFormat(language, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
export const day = new Intl.DateTimeFormat(language, { year: "numeric", month: "short", day: "numeric" });
export const number = new Intl.NumberFormat(language);

/** An element with properties and children; a child that is a string is text. */
export function make(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [property, value] of Object.entries(properties)) {
    if (property.includes("-") || property === "role") node.setAttribute(property, value);
    else node[property] = value;
  }
  node.append(...children);
  return node;
}

/** What the server rendered from a text. Nothing else may be made of markup: text from elsewhere is given to `make`. */
export function rendered(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

/** A picture from icons.svg, in the colour of the text around it. */
export const glyph = (name) => make("span", { className: `glyph ${name}`, "aria-hidden": "true" });

export function nearBottom(box) {
  return box.scrollHeight - box.scrollTop - box.clientHeight < 80;
}

export function toBottom(box) {
  box.scrollTop = box.scrollHeight;
}
