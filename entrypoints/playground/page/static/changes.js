// What a person makes of their own posts afterwards, and of the bot's as an admin may.

import { act, answered, confirmed } from "./actions.js";
import { make } from "./dom.js";
import { nameOf, state, view } from "./state.js";
import { strings } from "./strings.js";

/** The text of a post as it was typed: with names for ids, and without Slack's escapes. */
const typed = (text) =>
  text.replace(/<@([A-Z0-9]+)>/g, (_, user) => `@${nameOf(user)}`)
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** The entries of a post's menu with which this person may change it. */
export function changesOf(post) {
  const isOwn = post.user === view.person;
  const where = { channel: post.channel, ts: post.ts };
  const edit = { name: strings.editPost, choose: () => edited(post, where) };
  const remove = { name: strings.deletePost, choose: () => deleted(where) };
  if (post.only_for) return [];
  return [...(isOwn ? [edit] : []), ...(isOwn || post.user === state.bot.id ? [remove] : [])];
}

async function edited(post, where) {
  const text = make("textarea", { rows: 4, "aria-label": strings.editPost, value: typed(post.text) });
  if (await answered(strings.editPost, text, strings.save)) act("edit", { ...where, text: text.value });
}

async function deleted(where) {
  const question = {
    title: { text: strings.deletePost },
    text: { text: strings.deleting },
    confirm: { text: strings.deletePost },
    style: "danger",
  };
  if (await confirmed(question)) act("delete", where);
}
