// The posts of a channel or thread in their order: placed, grouped, parted by days, and taken away.

import { $, make, nearBottom, rendered, toBottom } from "./dom.js";
import { fillPost, fillReplies, postNode } from "./posts.js";
import { isAnswer, isEmpty, isSeen, key, needsMention, publicRepliesTo, repliesTo, speaker } from "./state.js";
import { state, topLevel, view } from "./state.js";
import { language, strings } from "./strings.js";

/** Posts that one person sends within so many seconds stand under one name. */
const GROUPED_SECONDS = 300;

const day = new Intl.DateTimeFormat(language, { dateStyle: "full" });

/** Show a new or changed post in its box. Its reader stays at the end if that is where they are. */
export function placeIn(box, post, inThread) {
  const follow = nearBottom(box);
  box.querySelector(".invitation")?.remove();
  const node = box.querySelector(`.post[data-ts="${post.ts}"]`);
  if (node) fillPost(node, post);
  else {
    const added = postNode(post, inThread);
    const after = [...box.querySelectorAll(".post")].find((each) => each.dataset.ts > post.ts);
    if (after) after.before(added);
    else box.append(added);
    if (inThread) countReplies();
    arrange(box);
  }
  if (inThread) suggest();
  hint(box, inThread ? repliesTo(view.thread) : topLevel());
  if (follow || post.user === view.person) toBottom(box);
  else if (!node) noteNew(box);
}

export function takeFrom(box, post) {
  box.querySelector(`.post[data-ts="${post.ts}"]`)?.remove();
  arrange(box);
}

/** Part the days, and put posts that follow one another under one name. */
export function arrange(box) {
  for (const old of box.querySelectorAll(".day")) old.remove();
  let before = null;
  for (const node of box.querySelectorAll(".post")) {
    const post = state.posts.get(key({ channel: view.channel, ts: node.dataset.ts }));
    if (!post) continue;
    const isNewDay = !before || dayOf(before) !== dayOf(post);
    if (isNewDay) node.before(make("p", { className: "day" }, make("span", {}, nameOfDay(post))));
    node.classList.toggle("grouped", !isNewDay && isContinued(before, post, node));
    before = post;
  }
}

const dateOf = (post) => new Date(Number(post.ts) * 1000);
const dayOf = (post) => dateOf(post).toDateString();

function nameOfDay(post) {
  const yesterday = new Date();
  yesterday.setDate(yesterday.getDate() - 1);
  if (dayOf(post) === new Date().toDateString()) return strings.today;
  return dayOf(post) === yesterday.toDateString() ? strings.yesterday : day.format(dateOf(post));
}

function isContinued(before, post, node) {
  if (publicRepliesTo(before.ts).length && before.ts !== view.thread) return false; // its replies stand between them
  const isFirstOfThread = node.nextElementSibling?.matches(".divider") || before.ts === view.thread;
  const isSame = before.user === post.user && before.username === post.username && before.only_for === post.only_for;
  return isSame && !post.only_for && !isFirstOfThread && Number(post.ts) - Number(before.ts) < GROUPED_SECONDS;
}

// --- beside the posts --------------------------------------------------------------------------------

export function countReplies() {
  $("thread-posts").querySelector(".divider span").textContent = strings.replies(publicRepliesTo(view.thread).length);
}

let sayNext = () => {};

/** Suggest what to say next, while a conversation is young: under an answer that nothing has followed. */
export function suggest(say = sayNext) {
  sayNext = say;
  const box = $("thread-posts");
  box.querySelector(".suggestions")?.remove();
  const replies = publicRepliesTo(view.thread);
  const last = replies.at(-1);
  const next = followUps(replies);
  if (!last || !isAnswer(last) || !next.length) return;
  const buttons = next.map((text) => example(text, () => say(text, view.thread)));
  const group = make("div", { className: "suggestions", role: "group", "aria-label": strings.suggestions }, ...buttons);
  box.querySelector(`.post[data-ts="${last.ts}"]`).after(group);
}

/** The stand-in finds again what was said: it is told a story first, and asked about it then. */
function followUps(replies) {
  if (state.model) return replies.length > 5 ? [] : strings.followUps;
  const first = state.posts.get(key({ channel: view.channel, ts: view.thread }));
  const said = new Set([first, ...replies].map((post) => post?.text));
  return strings.story.slice(1).filter((text) => !said.has(text)).slice(0, 2);
}

export function example(text, press) {
  const button = make("button", { type: "button", className: "example" }, text);
  button.addEventListener("click", press);
  return button;
}

/** Under the latest post, say so where the bot will not answer it. */
export function hint(box, posts) {
  box.querySelector(".unanswered")?.remove();
  const last = posts.at(-1);
  if (!last || last.user !== view.person || !needsMention(last) || publicRepliesTo(last.ts).length) return;
  const words = make("p", { className: "unanswered", role: "status" }, strings.unanswered(state.bot.name));
  box.querySelector(`.post[data-ts="${last.ts}"] .said`)?.append(words);
}

/**
 * The button that leads to the latest post stands wherever the reader has gone back from it. Who has not stays there
 * when lines break anew, as where a phone is turned.
 */
export function prepareLatest(box) {
  let follow = true;
  const button = make("button", { type: "button", className: "latest", hidden: true }, strings.latest);
  button.addEventListener("click", () => toBottom(box));
  box.after(make("div", { className: "latest-place" }, button));
  box.addEventListener("scroll", () => {
    follow = button.hidden = nearBottom(box);
    if (follow) button.classList.remove("more");
  });
  new ResizeObserver(() => follow && toBottom(box)).observe(box);
}

function noteNew(box) {
  box.nextElementSibling.querySelector(".latest").classList.add("more");
}

/** Read a post out once it is whole. */
export function announce(post) {
  const words = rendered(post.html).textContent.trim();
  $("announcer").textContent = strings.said(speaker(post), words.slice(0, 400));
}

/** Has a post only now become something to read? */
export const isFinishedNow = (post, before) =>
  !post.live && !isEmpty(post) && (!before || before.live || isEmpty(before)) && isSeen(post) &&
  post.user !== view.person;

/** Show the replies of a post in the channel. */
export function showReplies(ts) {
  const parent = $("posts").querySelector(`.post[data-ts="${ts}"]`);
  if (!parent) return;
  const follow = nearBottom($("posts"));
  fillReplies(parent, ts);
  arrange($("posts"));
  hint($("posts"), topLevel());
  if (follow) toBottom($("posts"));
}
