// What the reader sees of a room: the channel, and the thread beside it.

import { showTab } from "./direct.js";
import { showDraft } from "./drafts.js";
import { $, make, rendered, toBottom } from "./dom.js";
import { refreshMemory } from "./memory.js";
import { showModal } from "./modal.js";
import { become, openChannel, say } from "./places.js";
import { fillReplies, postNode } from "./posts.js";
import { showProgress } from "./progress.js";
import { showSide } from "./side.js";
import {
  channel,
  channelName,
  isDirect,
  isGroup,
  key,
  placeOf,
  repliesTo,
  scopeOf,
  state,
  topLevel,
  view,
} from "./state.js";
import { strings } from "./strings.js";
import { arrange, countReplies, example, hint, suggest } from "./timeline.js";
import { showUnread } from "./unread.js";

/** Show everything anew. */
export function showAll() {
  showSide({ openRoom: openChannel, become });
  showChannel();
  showThread();
  refreshMemory();
  showUnread();
  showModal();
}

export function showChannel() {
  $("channel-name").textContent = channelName();
  $("composer-text").placeholder = strings.to(channelName());
  const posts = topLevel();
  $("posts").replaceChildren(...(posts.length ? posts.map((post) => postNode(post, false)) : [invitation()]));
  for (const post of posts) fillReplies($("posts").querySelector(`[data-ts="${post.ts}"]`), post.ts);
  arrange($("posts"));
  hint($("posts"), posts);
  showTab();
  showProgress();
  showOpenThread();
  toBottom($("posts"));
  $("composer").querySelector(".mention").hidden = isDirect();
  $("composer").querySelector(".command").hidden = !state.command;
  $("composer").querySelector(".command").textContent = state.command;
  showDraft($("composer-text"), "");
  showUnread();
}

export function showThread() {
  const open = Boolean(view.thread);
  $("thread").hidden = !open;
  $("app").classList.toggle("with-thread", open);
  showProgress();
  if (!open) return;
  showThreadTitle();
  $("thread-text").placeholder = strings.reply;
  $("thread-composer").querySelector(".mention").hidden = isDirect();
  const first = state.posts.get(`${view.channel}/${view.thread}`);
  const start = first ? postNode(first, true) : make("p", { className: "gone" }, strings.gone);
  const divider = make("p", { className: "divider" }, make("span", {}));
  $("thread-posts").replaceChildren(start, divider, ...repliesTo(view.thread).map((post) => postNode(post, true)));
  countReplies();
  arrange($("thread-posts"));
  hint($("thread-posts"), repliesTo(view.thread));
  suggest(say);
  toBottom($("thread-posts"));
  showDraft($("thread-text"), view.thread);
}

export function showThreadTitle() {
  const place = placeOf({ channel: view.channel, thread: view.thread });
  const title = state.sessions.get(place)?.title || firstLine() || strings.thread;
  $("thread-title").textContent = title;
  $("thread-title").title = title;
  $("thread-channel").textContent = channelName();
}

/** How the open thread begins, without the mention of the bot: what the bot calls its session, too. */
function firstLine() {
  const post = state.posts.get(key({ channel: view.channel, ts: view.thread }));
  const words = rendered(post?.html ?? "").textContent.replaceAll(`@${state.bot.name}`, "");
  return words.trim().split("\n")[0].trim();
}

export function invitation() {
  const direct = isDirect();
  const how = direct
    ? strings.inviteDirect
    : scopeOf(view.channel) === "channel"
    ? strings.inviteChannel
    : strings.invite;
  const group = () => strings.welcomeGroup(channel().name);
  const welcome = direct ? strings.welcomeDirect : isGroup() ? group() : strings.welcome(channel().name);
  const face = make("span", { className: "avatar of-bot big", "aria-hidden": "true" });
  const node = make("div", { className: "invitation" }, face, make("h3", {}, welcome), make("p", {}, how));
  if (direct && state.prompts[view.channel]?.prompts.length) return node; // the bot's own prompts are better
  const texts = state.model ? strings.examples : [strings.story[0], ...strings.offlineExamples];
  const examples = texts.map((text) => (direct ? text : `@bot ${text}`)).map((text) =>
    example(text, () => say(text, ""))
  );
  node.append(make("p", { className: "try" }, strings.try), make("div", { className: "examples" }, ...examples));
  return node;
}

export function showOpenThread() {
  for (const post of $("posts").querySelectorAll(".post")) {
    post.querySelector(".replies")?.setAttribute("aria-expanded", String(post.dataset.ts === view.thread));
    post.classList.toggle("open", post.dataset.ts === view.thread);
  }
}
