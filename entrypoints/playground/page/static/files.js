// Files: those chosen for a message that is being written, and those that came with one.

import { glyph, make, number } from "./dom.js";
import { language, strings } from "./strings.js";

const MOST = 5;
const MOST_BYTES = 5_000_000;
const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
const size = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });

/** Let a composer take files: by its button, from the clipboard, or dropped on `around`. */
export function chooser(form, area, around, trouble) {
  const input = form.querySelector("input[type=file]");
  const list = form.querySelector(".chosen");
  const attach = form.querySelector(".attach");
  let files = [];

  const show = () => {
    list.hidden = !files.length;
    list.replaceChildren(
      ...files.map((file) => {
        const remove = make("button", {
          type: "button",
          className: "icon",
          "aria-label": strings.removeFile(file.name),
          title: strings.removeFile(file.name),
        }, "×");
        remove.addEventListener("click", () => {
          files = files.filter((each) => each !== file);
          show();
          (list.querySelector("button") ?? area).focus();
        });
        return make(
          "li",
          {},
          glyph(PICTURES.has(file.type) ? "picture" : "sheet"),
          make("span", { className: "name" }, file.name),
          make("small", {}, bytes(file.size)),
          remove,
        );
      }),
    );
  };
  const add = (more) => {
    const empty = more.filter((file) => !file.size).map((file) => file.name);
    const all = [...files, ...more.filter((file) => file.size)];
    const refusal = all.length > MOST ? strings.tooManyFiles(MOST) : sum(all) > MOST_BYTES ? strings.filesTooLarge : "";
    if (!refusal) files = all;
    const complaints = [refusal, empty.length ? strings.emptyFiles(empty) : ""].filter(Boolean);
    trouble.textContent = complaints.join(" ");
    trouble.hidden = !complaints.length;
    show();
    area.focus();
  };

  attach.addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    add([...input.files]);
    input.value = ""; // so that the same file can be chosen again
  });
  area.addEventListener("paste", (event) => {
    const { files: pasted } = event.clipboardData;
    if (!pasted.length || event.clipboardData.getData("text/plain")) return; // a table comes as text and as a picture
    event.preventDefault();
    add([...pasted]);
  });
  for (const name of ["dragenter", "dragover"]) {
    around.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      form.classList.add("dropping");
    });
  }
  around.addEventListener(
    "dragleave",
    (event) => !around.contains(event.relatedTarget) && form.classList.remove("dropping"),
  );
  around.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  });

  return {
    /** Take the chosen files out of the composer, to be sent. */
    take() {
      const taken = files;
      files = [];
      show();
      return taken;
    },
    /** Put back what could not be sent. */
    giveBack(taken) {
      files = [...taken, ...files].slice(0, MOST);
      show();
    },
    get any() {
      return files.length > 0;
    },
  };
}

/** Files as the server takes them. */
export function encoded(files) {
  return Promise.all(
    files.map(async (file) => ({
      name: file.name,
      type: file.type || "application/octet-stream",
      data: await base64(file),
    })),
  );
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result.slice(reader.result.indexOf(",") + 1)));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(file);
  });
}

/** The files of a post: pictures as small previews, others by name; of those whose content is gone, the name alone. */
export function attachments(files) {
  return files.map((file) => {
    const href = `/playground/files/${encodeURIComponent(file.id)}`;
    const title = `${file.name} (${bytes(file.size)})`;
    const isPicture = PICTURES.has(file.type);
    const chip = (name, properties, note) =>
      make(
        name,
        { className: "file", title, ...properties },
        glyph(isPicture ? "picture" : "sheet"),
        make("span", {}, make("b", {}, file.name), make("small", {}, note)),
      );
    if (file.gone) return chip("span", {}, strings.fileGone);
    const saved = () => chip("a", { href, download: file.name }, bytes(file.size));
    if (!isPicture) return saved();
    const image = make("img", { src: href, alt: file.name });
    const preview = make("a", { className: "picture", href, title, target: "_blank", rel: "noopener" }, image);
    image.addEventListener("error", () => preview.replaceWith(saved())); // it is no picture, whatever its type says
    return preview;
  });
}

const sum = (files) => files.reduce((total, file) => total + file.size, 0);

function bytes(count) {
  if (count < 1000) return `${number.format(count)} B`;
  return count < 1_000_000 ? `${size.format(count / 1000)} KB` : `${size.format(count / 1_000_000)} MB`;
}
