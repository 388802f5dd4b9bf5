// What one post looks like, in the channel or in its thread.
//
// A button that opens a thread says which in `data-opens`, one that dismisses a post in `data-dismisses`;
// the page listens for all of them.

import { menuButton, pressing } from "./actions.js";
import { renderBlocks } from "./blocks.js";
import { clock, glyph, make, rendered } from "./dom.js";
import { attachments } from "./files.js";
import { isEmpty, nameOf, publicRepliesTo, speaker, state, view } from "./state.js";
import { language, strings } from "./strings.js";

export function avatar(user, name) {
  const index = state.people.findIndex((person) => person.id === user);
  const kind = user === state.bot.id ? "of-bot" : index < 0 ? "of-other" : `of-${index + 1}`;
  return make("span", { className: `avatar ${kind}`, "aria-hidden": "true" }, kind === "of-bot" ? "" : [...name][0]);
}

export function postNode(post, inThread) {
  const node = make("article", { className: post.only_for ? "post only" : "post" });
  node.dataset.ts = post.ts;
  const head = make("header", {}, make("strong", { className: "name" }, speaker(post)));
  if (post.user === state.bot.id) head.append(make("span", { className: "badge" }, strings.app));
  const when = new Date(Number(post.ts) * 1000);
  head.append(make("time", { dateTime: when.toISOString(), title: when.toLocaleString(language) }, clock.format(when)));
  const said = make(
    "div",
    { className: "said" },
    head,
    make("div", { className: "text rich" }),
    make("div", { className: "attached" }),
    make("div", { className: "blocks" }),
  );
  if (post.only_for) {
    said.prepend(
      make("p", { className: "only-you" }, glyph("eye"), make("span", {}, strings.onlyYou), dismissButton(post)),
    );
  }
  node.append(avatar(post.user, nameOf(post.user)), said);
  if (!post.only_for) node.append(...acts(post, inThread));
  fillPost(node, post);
  return node;
}

function dismissButton(post) {
  const button = make("button", { type: "button", className: "dismiss" }, strings.dismiss);
  button.dataset.dismisses = post.ts;
  return button;
}

/** What can be done with a post. An ephemeral one has neither thread nor shortcuts. */
function acts(post, inThread) {
  const buttons = [];
  if (!inThread) {
    const reply = make(
      "button",
      {
        type: "button",
        className: "quiet act reply",
        "aria-label": `${strings.replyInThread}: ${speaker(post)}`,
        title: strings.replyInThread,
      },
      glyph("speech"),
      make("span", {}, strings.replyInThread),
    );
    reply.dataset.opens = post.ts;
    buttons.push(reply);
  }
  const more = menuButton(post, `${strings.more}: ${speaker(post)}`);
  if (more) buttons.push(more);
  return buttons.length ? [make("div", { className: "acts" }, ...buttons)] : [];
}

export function fillPost(node, post) {
  const blocks = post.blocks ?? [];
  const files = post.files ?? [];
  fillText(node.querySelector(".text"), post, blocks, files);
  // A post may change many times a second, and a button that somebody is about to press should stay.
  replaceIfNew(node.querySelector(".attached"), files, () => attachments(files));
  replaceIfNew(node.querySelector(".blocks"), blocks, () => [renderBlocks(blocks, pressing(post.channel, post.ts))]);
}

function fillText(text, post, blocks, files) {
  text.classList.toggle("live", post.live);
  // Beside blocks, a text that is no Markdown is only what Slack's notifications say.
  text.hidden = (blocks.length > 0 && !post.markdown) || (!post.text.trim() && files.length > 0);
  if (text.hidden) text.replaceChildren();
  else if (isEmpty(post)) {
    text.replaceChildren(
      make("span", { className: "typing" }, make("span", { className: "sr" }, strings.typing), ...dots()),
    );
  } else {
    text.replaceChildren(rendered(post.html));
    if (!post.live) addCopyButtons(text);
    if (post.edited && post.user !== state.bot.id) text.append(make("small", {}, strings.edited));
  }
}

/** Code is there to be used: a button copies it. */
function addCopyButtons(text) {
  for (const code of text.querySelectorAll("pre")) {
    const button = make("button", { type: "button", className: "copy" }, strings.copy);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent.replace(/\n$/, ""));
        button.textContent = strings.copied;
      } catch {
        button.textContent = strings.notCopied;
      }
      setTimeout(() => (button.textContent = strings.copy), 2000);
    });
    const box = make("div", { className: "code" });
    code.replaceWith(box);
    box.append(code, button);
  }
}

export const dots = () => [1, 2, 3].map(() => make("i"));

const drawn = new WeakMap();

function replaceIfNew(box, content, build) {
  const now = JSON.stringify(content);
  if ((drawn.get(box) ?? "[]") === now) return;
  drawn.set(box, now);
  box.replaceChildren(...build());
}

export function fillReplies(node, ts) {
  node.querySelector(".replies")?.remove();
  const replies = publicRepliesTo(ts);
  if (!replies.length) return;
  const people = [...new Set(replies.map((post) => post.user))].slice(0, 4);
  const last = replies.at(-1);
  const button = make(
    "button",
    { type: "button", className: "replies" },
    ...people.map((user) => avatar(user, nameOf(user))),
    make("span", { className: "count" }, strings.replies(replies.length)),
  );
  const extra = last.live && isEmpty(last)
    ? `${speaker(last)} … ${strings.typing}`
    : clock.format(new Date(Number(last.ts) * 1000));
  button.append(make("span", { className: last.live && isEmpty(last) ? "last now" : "last" }, extra));
  button.setAttribute("aria-expanded", String(view.thread === ts));
  button.dataset.opens = ts;
  node.querySelector(".said").append(button);
}
