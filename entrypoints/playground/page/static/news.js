// News of posts: each is shown where it belongs, and told of where it is not seen.

import { $ } from "./dom.js";
import { openThread, visit, WIDE } from "./places.js";
import { fillPost, postNode } from "./posts.js";
import { invitation, showThreadTitle } from "./rooms.js";
import { dismissed, isEmpty, isSeen, key, state, topLevel, view } from "./state.js";
import { announce, countReplies, isFinishedNow, placeIn, showReplies, suggest, takeFrom } from "./timeline.js";
import { announceElsewhere, showUnread } from "./unread.js";

/** Show one new or changed post where it belongs, leaving everything else on the page as it is. */
export function place(post) {
  if (post.deleted) return takeAway(post);
  const before = state.posts.get(key(post));
  state.posts.set(key(post), post);
  if (post.channel === view.channel && isSeen(post)) {
    if (post.thread) placeReply(post, before);
    else placeIn($("posts"), post, false);
    if (post.ts === view.thread) {
      fillPost($("thread-posts").querySelector(`.post[data-ts="${post.ts}"]`) ?? postNode(post, true), post);
      showThreadTitle();
    }
  }
  if (!isFinishedNow(post, before)) return;
  if (post.channel === view.channel) announce(post);
  announceElsewhere(post, visit);
  showUnread();
}

function placeReply(post, before) {
  if (!before || before.live !== post.live || isEmpty(before) !== isEmpty(post)) showReplies(post.thread);
  if (post.thread === view.thread) placeIn($("thread-posts"), post, true);
  else if (post.thread === view.awaited && WIDE.matches && !isWritingInThread()) openThread(post.thread, false);
}

/** A reader who is in the middle of a reply elsewhere is not taken away from it. */
const isWritingInThread = () => document.activeElement === $("thread-text") && Boolean($("thread-text").value);

function takeAway(post) {
  state.posts.delete(key(post));
  if (post.channel !== view.channel) return;
  for (const box of [$("posts"), $("thread-posts")]) takeFrom(box, post);
  if (!topLevel().length && !$("posts").firstChild) $("posts").append(invitation());
  if (post.thread) showReplies(post.thread);
  showUnread();
  if (!view.thread || post.thread !== view.thread) return;
  countReplies();
  suggest();
}

/** Show an ephemeral post no more. */
export function dismiss(ts) {
  const post = state.posts.get(key({ channel: view.channel, ts }));
  dismissed.add(key(post));
  takeAway(post);
  $(post.thread ? "thread-text" : "composer-text").focus();
}
