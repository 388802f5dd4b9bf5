// How the reader gets from one place to another, and whom they speak as.

import { named, record } from "./address.js";
import { send } from "./composer.js";
import { tellOpened } from "./direct.js";
import { $ } from "./dom.js";
import { refreshMemory } from "./memory.js";
import { place } from "./news.js";
import { showPanel } from "./panel.js";
import { showProgress } from "./progress.js";
import { showAll, showChannel, showOpenThread, showThread } from "./rooms.js";
import { showSide } from "./side.js";
import { channel, isDirect, isOpen, key, publicRepliesTo, state, view } from "./state.js";
import { tab } from "./store.js";
import { showUnread } from "./unread.js";

/** Where there is less room, a thread lies over its channel. */
export const WIDE = matchMedia("(min-width: 760px)");

export function openChannel(id) {
  goTo({ channel: id, thread: "", tab: "messages" });
  record();
  if (WIDE.matches) $("composer-text").focus();
}

/** Show a place, which the address then says. */
export function goTo({ channel: id, thread, tab: which }) {
  Object.assign(view, { channel: id, thread, tab: which, awaited: null });
  openSheet(thread ? "thread" : "");
  showAll();
  tellOpened();
}

/** Go to where a post stands. */
export function visit(post) {
  openChannel(post.channel);
  if (post.thread) openThread(post.thread, true);
}

/** Go where the address says, as the person who speaks or, in somebody's direct messages, as their owner. */
export function goWhereTheAddressSays() {
  const where = named() ?? { channel: state.channels[0].id, thread: "", tab: "messages", owner: "" };
  if (where.owner) speakAs(where.owner);
  goTo(where);
}

function speakAs(person) {
  view.person = person;
  tab.set("person", person);
}

export function become(person) {
  const direct = isDirect();
  speakAs(person);
  if (direct) openChannel(state.channels.find((each) => isDirect(each) && isOpen(each)).id);
  else if (!isOpen(channel())) openChannel(state.channels[0].id);
  else {
    showSide({ openRoom: openChannel, become });
    showChannel(); // to each their own ephemeral posts and pressed buttons
    showThread();
    showUnread();
    $("people").querySelector(":checked").focus();
  }
}

export function openThread(ts, byHand) {
  Object.assign(view, { thread: ts, awaited: null });
  record();
  showThread();
  showOpenThread();
  refreshMemory();
  openSheet("thread");
  showUnread();
  if (byHand) $("thread-text").focus();
}

/** Close the thread and leave the focus where it is. */
export function leaveThread() {
  Object.assign(view, { thread: "", awaited: null });
  record();
  openSheet("");
  showThread();
  showOpenThread();
  refreshMemory();
  showUnread();
}

export function closeThread() {
  const opener = $("posts").querySelector(`[data-opens="${view.thread}"]`);
  leaveThread();
  (opener ?? $("composer-text")).focus();
}

/** Where there is room, show the thread of a question as soon as somebody replies, which may be sooner than we know its ts. */
function expectReply(post) {
  if (post.ts === view.thread) return;
  view.awaited = post.ts;
  showProgress();
  if (publicRepliesTo(post.ts).length && WIDE.matches) openThread(post.ts, false);
}

export function say(text, thread) {
  (thread ? $("thread-text") : $("composer-text")).focus();
  send(thread ? $("thread-composer") : $("composer"), { text, thread, sent });
}

/** A post of this reader has been taken. */
export function sent(post) {
  if (!state.posts.has(key(post))) place(post);
  if (!post.thread && post.channel === view.channel) expectReply(post);
}

/** On a narrow screen, what lies over the channel: `side`, `thread` or `memory`; empty for nothing. */
export function openSheet(name) {
  view.sheet = name;
  $("app").dataset.sheet = name;
  showPanel();
}
