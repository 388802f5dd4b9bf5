// Slack's Block Kit, as far as this bot uses it: text, dividers and what can be pressed.
//
// It is built of DOM nodes, but for mrkdwn, which the server has rendered. It loads nothing from elsewhere: a foreign
// picture is shown as its description.

import { glyph, make, rendered } from "./dom.js";

/** `press` is told of a button's element, its value and its node; `pressed` says which value of an action was chosen. */
export function renderBlocks(blocks, { press, pressed }) {
  const context = { press, pressed };
  const fragment = document.createDocumentFragment();
  for (const block of blocks) {
    const node = KINDS[block.type]?.(block, context);
    if (node) fragment.append(node);
  }
  return fragment;
}

const KINDS = {
  header: (block) => make("h4", { className: "block-header" }, words(block.text)),
  divider: () => make("hr"),
  image: (block) => make("p", { className: "block-context" }, block.alt_text ?? ""),
  section: (block, context) => {
    const said = make("div", { className: "rich" });
    if (block.text) said.append(words(block.text));
    if (block.fields) {
      said.append(make("div", { className: "fields" }, ...block.fields.map((field) => make("div", {}, words(field)))));
    }
    const accessory = block.accessory && element(block.accessory, context);
    return make("div", { className: "block-section" }, said, ...(accessory ? [accessory] : []));
  },
  context: (block) =>
    make("div", { className: "block-context rich" }, ...block.elements.map((each) => make("span", {}, words(each)))),
  actions: (block, context) => make("div", { className: "block-actions" }, ...elements(block, context)),
  context_actions: (block, context) => make("div", { className: "block-actions" }, ...elements(block, context)),
};

function words(text) {
  if (text.type === "mrkdwn") return rendered(text.html);
  return make("span", { className: "plain" }, text.type === "image" ? text.alt_text ?? "" : text.text);
}

const elements = (block, context) => block.elements.map((each) => element(each, context)).filter(Boolean);
const element = (each, context) => ELEMENTS[each.type]?.(each, context);

const ELEMENTS = {
  button: (button, context) => {
    const label = {
      className: `block-button ${button.style ?? ""}`,
      "aria-label": button.accessibility_label ?? button.text.text,
    };
    const link = /^https?:\/\//.test(button.url ?? "");
    const node = link
      ? make(
        "a",
        { ...label, href: button.url, target: "_blank", rel: "noopener noreferrer nofollow" },
        button.text.text,
      )
      : make("button", { ...label, type: "button" }, button.text.text);
    node.addEventListener("click", () => context.press(button, button.value ?? "", node));
    return node;
  },
  icon_button: (button, context) => {
    const node = thumb(button, button.icon === "trash" ? glyph("trash") : button.text.text);
    node.addEventListener("click", () => context.press(button, button.value ?? "", node));
    return node;
  },
  feedback_buttons: (both, context) => {
    const vote = (button, name) => {
      const node = thumb(button, glyph(name));
      node.setAttribute("aria-pressed", String(context.pressed(both.action_id) === button.value));
      node.addEventListener("click", () => context.press(both, button.value, node));
      return node;
    };
    return make(
      "div",
      { className: "thumbs", role: "group" },
      vote(both.positive_button, "up"),
      vote(both.negative_button, "down"),
    );
  },
};

function thumb(button, shown) {
  const label = button.accessibility_label ?? button.text.text;
  return make("button", {
    type: "button",
    className: "quiet thumb",
    title: button.text.text,
    "aria-label": label,
  }, shown);
}
