// What has been written and not sent: each person has one draft in each place, and it outlives a reload.

import { state, view } from "./state.js";
import { tab } from "./store.js";

const drafts = tab.get("drafts", {});
const place = (thread) => `${view.person}/${view.channel}/${thread}`;

export function keepDraft(thread, text) {
  if (text) drafts[place(thread)] = text;
  else delete drafts[place(thread)];
  tab.set("drafts", drafts);
}

/** Show the draft of a place in a text box, which is left alone where it shows that draft already. */
export function showDraft(area, thread) {
  const text = drafts[place(thread)] ?? "";
  if (!state.channels.length || area.value === text) return;
  area.value = text;
  area.dispatchEvent(new Event("input"));
}
