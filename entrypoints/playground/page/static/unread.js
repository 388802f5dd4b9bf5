// What has arrived where the reader does not look: marks in the side, in the title and at threads, and a notice.

import { $, make, rendered } from "./dom.js";
import { channelName, isDirect, isEmpty, isGroup, isOpen, isSeen, key, publicRepliesTo, speaker } from "./state.js";
import { state, view } from "./state.js";
import { browser } from "./store.js";
import { strings } from "./strings.js";

/** For each person and place, up to which ts its posts have been seen; `begin` for places never looked at. */
let seen = browser.get("seen", {});

const place = (post) => `${view.person}/${post.channel}/${post.thread}`;
const isNew = (post) =>
  isFinished(post) && post.user !== view.person && isSeen(post) && post.ts > seenUntil(place(post));
const isFinished = (post) => !post.live && !isEmpty(post);
const seenUntil = (where) => (seen[where] > seen.begin ? seen[where] : seen.begin);

/** At the first visit, all that there is counts as seen. */
export function beginReading() {
  const newest = [...state.posts.values()].reduce((latest, post) => (post.ts > latest ? post.ts : latest), "0");
  seen = browser.get("seen", {});
  if (seen.begin === undefined || seen.begin > newest) seen = { begin: newest }; // the posts were deleted with .data
}

/** A reader follows the threads that they wrote in. */
function isFollowed(thread, channel) {
  const first = state.posts.get(key({ channel, ts: thread }));
  const isMine = (post) => post.channel === channel && post.thread === thread && post.user === view.person;
  return isDirect(state.channels.find((each) => each.id === channel)) || first?.user === view.person ||
    [...state.posts.values()].some(isMine);
}

export function unreadIn(channel) {
  return [...state.posts.values()].filter((post) =>
    post.channel === channel && isNew(post) && (!post.thread || isFollowed(post.thread, channel))
  ).length;
}

export const unreadReplies = (ts) => publicRepliesTo(ts).filter(isNew).length;

/** What the reader looks at has been seen, if the page can be seen at all. What other tabs have shown has been, too. */
export function markSeen() {
  for (const [where, until] of Object.entries(browser.get("seen", {}))) {
    if (where !== "begin" && until > seenUntil(where)) seen[where] = until;
  }
  if (document.hidden) return;
  if (view.tab === "messages") see("");
  if (view.thread) see(view.thread);
  browser.set("seen", seen);
}

function see(thread) {
  const posts = [...state.posts.values()].filter((post) => post.channel === view.channel && post.thread === thread);
  const writing = posts.filter((post) => !isFinished(post)).map((post) => post.ts).sort()[0] ?? "9";
  const until = posts.map((post) => post.ts).filter((ts) => ts < writing).sort().at(-1) ?? "0";
  const where = place({ channel: view.channel, thread });
  if (until > seenUntil(where)) seen[where] = until;
}

/** Show how much is new, everywhere. */
export function showUnread() {
  markSeen();
  let all = 0;
  for (const room of document.querySelectorAll(".room")) {
    const count = unreadIn(room.dataset.room);
    all += count;
    room.classList.toggle("unread", count > 0);
    room.querySelector(".count")?.remove();
    if (count) room.append(badge(count));
  }
  for (const opener of $("posts").querySelectorAll(".replies")) {
    const count = opener.dataset.opens === view.thread ? 0 : unreadReplies(opener.dataset.opens);
    opener.querySelector(".new")?.remove();
    if (count) {
      opener.querySelector(".count").after(make("span", { className: "new" }, strings.newReplies(count)));
    }
  }
  document.title = `${all ? `(${all}) ` : ""}${channelName()} – Playground`;
  if (!$("arrived").hidden && isLookedAt($("arrived").dataset)) hideNotice();
}

const badge = (count) =>
  make(
    "span",
    { className: "count" },
    make("span", { "aria-hidden": "true" }, String(count)),
    make("span", { className: "sr" }, strings.unread(count)),
  );

const isLookedAt = ({ channel, thread }) =>
  !document.hidden && channel === view.channel && view.tab === "messages" && (!thread || thread === view.thread);

/** Say that a post has come where the reader does not look. `open` leads there. */
export function announceElsewhere(post, open) {
  const room = state.channels.find((each) => each.id === post.channel);
  if (!isNew(post) || isLookedAt(post) || !room || !isOpen(room)) return;
  if (post.thread && !isFollowed(post.thread, post.channel)) return;
  if (post.channel === view.channel && !document.hidden && view.tab === "messages") return; // its thread is marked in sight
  const name = isDirect(room) ? strings.direct : isGroup(room) ? room.name : `#${room.name}`;
  const words = rendered(post.html).textContent.trim() || post.files.map((file) => file.name).join(", ");
  const notice = make(
    "button",
    { type: "button", className: "go" },
    make("b", {}, strings.arrived(speaker(post), name)),
    ` ${words.slice(0, 120)}`,
  );
  notice.addEventListener("click", () => {
    hideNotice();
    open(post);
  });
  const close = make(
    "button",
    { type: "button", className: "icon", "aria-label": strings.close, title: strings.close },
    "×",
  );
  close.addEventListener("click", hideNotice);
  Object.assign($("arrived").dataset, { channel: post.channel, thread: post.thread });
  $("arrived").hidden = false; // first, as what is put into a hidden region is not read out
  $("arrived").replaceChildren(notice, close);
}

export function hideNotice() {
  $("arrived").hidden = true;
  $("arrived").replaceChildren();
}
