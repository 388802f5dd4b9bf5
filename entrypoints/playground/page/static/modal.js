// The modal that the app has opened for the person who speaks: a form in a dialog.

import { act } from "./actions.js";
import { renderBlocks } from "./blocks.js";
import { $, make } from "./dom.js";
import { state, view } from "./state.js";
import { strings } from "./strings.js";

/** Show the modal of the person who speaks, or none. What is being filled in stays while it is the same one. */
export function showModal() {
  const dialog = $("modal");
  const modal = state.modals[view.person];
  if (!modal) return dialog.close();
  if (dialog.open && dialog.dataset.view === modal.id) return;
  dialog.dataset.view = modal.id;
  dialog.replaceChildren(formOf(modal));
  if (!dialog.open) dialog.showModal();
}

function formOf(modal) {
  const cancel = make("button", { type: "button", className: "block-button" }, modal.close?.text ?? strings.no);
  cancel.addEventListener("click", dismiss);
  const submit = make("button", { type: "submit", className: "block-button primary" }, modal.submit?.text ?? "");
  const form = make(
    "form",
    {},
    make("h2", {}, modal.title.text),
    ...modal.blocks.map((block) => (block.type === "input" ? fieldOf(block) : renderBlocks([block], {}))),
    make("p", { className: "trouble", role: "alert", hidden: true }),
    make("div", { className: "block-actions" }, cancel, ...(modal.submit ? [submit] : [])),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    const values = Object.fromEntries(new FormData(form));
    const taken = await act("submit", { view: modal.id, values: JSON.stringify(values) });
    submit.disabled = false;
    const trouble = form.querySelector(".trouble");
    trouble.textContent = strings.notDone;
    trouble.hidden = taken;
  });
  return form;
}

function fieldOf({ block_id, label, element, optional }) {
  const field = FIELDS[element.type](element);
  Object.assign(field, { name: block_id, required: !optional });
  return make("label", { className: "field" }, make("span", {}, label.text), field);
}

const FIELDS = {
  plain_text_input: (input) => {
    const properties = { value: input.initial_value ?? "", maxLength: input.max_length ?? 3000 };
    return input.multiline
      ? make("textarea", { rows: 5, ...properties })
      : make("input", { type: "text", ...properties });
  },
  number_input: (input) =>
    make("input", {
      type: "number",
      value: input.initial_value ?? "",
      min: input.min_value ?? "",
      max: input.max_value ?? "",
      step: input.is_decimal_allowed ? "any" : "1",
    }),
  static_select: (input) =>
    make(
      "select",
      {},
      ...input.options.map((option) =>
        make(
          "option",
          { value: option.value, selected: option.value === input.initial_option?.value },
          option.text.text,
        )
      ),
    ),
};

function dismiss() {
  act("dismiss", { view: $("modal").dataset.view }, true);
}

export function prepareModal() {
  $("modal").addEventListener("cancel", (event) => {
    event.preventDefault(); // it closes when the server says so
    dismiss();
  });
}
