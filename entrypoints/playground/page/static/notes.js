// Notes, as the memory panel shows them: those that stand, and what a condensation did to them.

import { day, make, number } from "./dom.js";
import { strings } from "./strings.js";

export function noteList(notes) {
  return make("ol", { className: "notes" }, ...notes.map((note, index) => noteItem(note, index + 1)));
}

function noteItem(note, place) {
  const about = make("span", { className: "about" }, make("b", {}, String(place)));
  if (note.from !== null) {
    const posted = new Date(note.from * 1000);
    about.append(make("time", { dateTime: posted.toISOString() }, day.format(posted)));
  }
  if (note.rewrites) about.append(make("span", { className: "rewrites" }, strings.rewrites(note.rewrites)));
  return make(
    "li",
    {},
    make(
      "div",
      { className: "line" },
      about,
      make("span", { className: "count" }, strings.tokens(number.format(note.tokens))),
    ),
    make("p", {}, note.text),
  );
}

/** What a condensation added, merged and dropped; the numbers are those of before it. */
export function changes(entry) {
  const kinds = ["added", "merged", "into", "dropped", "gone"];
  const items = kinds.flatMap((kind) => entry[kind].map((note) => change(kind, note)));
  return make("ul", { className: "changes" }, ...items);
}

function change(kind, note) {
  const label = note.number === null ? strings.noteChange[kind] : `${strings.noteChange[kind]} ${note.number}`;
  const item = make("li", { className: kind }, make("b", {}, label));
  if (note.text !== null) item.append(" ", make(["added", "into"].includes(kind) ? "span" : "s", {}, note.text));
  return item;
}
