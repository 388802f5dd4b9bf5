// Renders what Slack shows: standard Markdown, or Slack's own mrkdwn for people's posts.
//
// It builds DOM nodes and never markup, so that text stays text. It accepts any beginning of a
// document, because answers are rendered while they are still being written. Only http and https
// links become links, and nothing is ever loaded.

const DEPTH = 8; // of quotes, lists and emphasis within each other; deeper ones stay text

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const HEADING = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const RULE = /^ {0,3}(?:(?:\*\s*){3,}|(?:-\s*){3,}|(?:_\s*){3,})$/;
const QUOTE = /^ {0,3}(?:>|&gt;) ?(.*)$/;
const ITEM = /^(\s*)([-*+•]|\d{1,9}[.)])(\s+)(\S.*)?$/;
const DELIMITERS = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const LINK = /\[((?:[^[\]\\]|\\.)*(?:\[[^[\]]*\](?:[^[\]\\]|\\.)*)*)\]\(\s*<?(https?:\/\/[^\s<>()]+(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"[^"]*")?\s*\)/y;
const URL_ALONE = /https?:\/\/[^\s<>"'`、。「」()【】]*[^\s<>"'`、。「」()【】.,;:!?)\]*_~]/y;
const SLACK_TOKEN = /<([@#!]|https?:\/\/)([^<>|\n]*)(?:\|([^<>\n]*))?>/y;
const MORE = "⋮"; // fonts put it low and leave wide gaps, so it is drawn
const SHORT_CODE = 24; // characters of code that stay on one line
const ENTITIES = { "&lt;": "<", "&gt;": ">", "&amp;": "&" };

/** `names` tells the name of a person's id. */
export function render(text, { markdown, names }) {
  const fragment = document.createDocumentFragment();
  const context = { markdown, names };
  blocks(text.replace(/\r\n?/g, "\n").split("\n"), fragment, context, 0);
  return fragment;
}

function element(name, parent, className) {
  const node = document.createElement(name);
  if (className) node.className = className;
  parent.append(node);
  return node;
}

function blocks(lines, parent, context, depth) {
  let at = 0;
  let paragraph = [];
  const flush = () => {
    if (paragraph.length) inline(paragraph.join("\n"), element("p", parent), context, depth);
    paragraph = [];
  };
  while (at < lines.length) {
    const line = lines[at];
    const fence = FENCE.exec(line);
    if (fence) {
      flush();
      at = code(lines, at, fence, parent, context);
      continue;
    }
    const heading = context.markdown && HEADING.exec(line);
    if (heading) {
      flush();
      inline(heading[2] ?? "", element(`h${Math.min(heading[1].length + 2, 6)}`, parent, `level-${heading[1].length}`), context, depth);
    } else if (!line.trim()) {
      flush();
    } else if (context.markdown && RULE.test(line)) {
      flush();
      element("hr", parent);
    } else if (QUOTE.test(line) && depth < DEPTH) {
      flush();
      const quoted = [];
      for (; at < lines.length && QUOTE.test(lines[at]); at++) quoted.push(QUOTE.exec(lines[at])[1]);
      blocks(quoted, element("blockquote", parent), context, depth + 1);
      continue;
    } else if (ITEM.test(line) && depth < DEPTH) {
      flush();
      at = list(lines, at, parent, context, depth);
      continue;
    } else if (context.markdown && isTable(lines, at)) {
      flush();
      at = table(lines, at, parent, context, depth);
      continue;
    } else {
      paragraph.push(line);
    }
    at++;
  }
  flush();
}

function code(lines, at, fence, parent, context) {
  const [, marks, info] = fence;
  const indent = /^ */.exec(lines[at])[0].length;
  const end = new RegExp(`^ {0,3}\\${marks[0]}{${marks.length},}\\s*$`);
  const content = [];
  for (at++; at < lines.length && !end.test(lines[at]); at++) content.push(lines[at].replace(new RegExp(`^ {0,${indent}}`), ""));
  const pre = element("pre", parent);
  pre.tabIndex = 0; // a long line scrolls sideways, also from the keyboard
  const box = element("code", pre);
  if (info.trim()) box.dataset.language = info.trim().split(/\s/)[0];
  const text = content.join("\n");
  box.textContent = context.markdown ? text : decoded(text);
  return at + 1;
}

function list(lines, at, parent, context, depth) {
  const first = ITEM.exec(lines[at]);
  const ordered = /\d/.test(first[2]);
  const node = element(ordered ? "ol" : "ul", parent);
  if (ordered && Number.parseInt(first[2], 10) !== 1) node.start = Number.parseInt(first[2], 10);
  const base = width(first[1]);
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]);
    if (!item || /\d/.test(item[2]) !== ordered || width(item[1]) > base + 3 || width(item[1]) < base) break;
    const content = [item[4] ?? ""];
    for (at++; at < lines.length; at++) {
      const line = lines[at];
      const next = ITEM.exec(line);
      if (next && width(next[1]) < base + 2) break;
      if (!line.trim()) {
        const following = lines[at + 1] ?? "";
        if (width(/^\s*/.exec(following)[0]) < base + 2 || !following.trim()) break;
      } else if (!next && width(/^\s*/.exec(line)[0]) < base + 2) break;
      content.push(line);
    }
    const inner = Math.min(...content.slice(1).filter((line) => line.trim()).map((line) => width(/^\s*/.exec(line)[0])));
    const dedented = content.map((line, n) => (n && Number.isFinite(inner) ? line.slice(inner) : line));
    const li = element("li", node);
    const task = /^\[([ xX])\]\s+/.exec(dedented[0]);
    if (task) {
      const box = element("input", li);
      box.type = "checkbox";
      box.disabled = true;
      box.checked = task[1] !== " ";
      li.className = "task";
      dedented[0] = dedented[0].slice(task[0].length);
    }
    blocks(dedented, li, context, depth + 1);
    if (at < lines.length && !lines[at].trim() && ITEM.test(lines[at + 1] ?? "")) at++; // a loose list
  }
  return at;
}

const width = (space) => space.replace(/\t/g, "    ").length;

function isTable(lines, at) {
  return lines[at].includes("|") && at + 1 < lines.length && lines[at + 1].includes("-") && lines[at + 1].includes("|") && DELIMITERS.test(lines[at + 1]);
}

function table(lines, at, parent, context, depth) {
  const box = element("div", parent, "table");
  box.tabIndex = 0;
  const node = element("table", box);
  const aligns = cells(lines[at + 1]).map((mark) => (/^:.*:$/.test(mark) ? "center" : mark.endsWith(":") ? "right" : ""));
  row(cells(lines[at]), "th", element("tr", element("thead", node)), aligns, context, depth);
  const body = element("tbody", node);
  for (at += 2; at < lines.length && lines[at].includes("|") && lines[at].trim(); at++) {
    row(cells(lines[at]), "td", element("tr", body), aligns, context, depth);
  }
  return at;
}

function row(values, name, tr, aligns, context, depth) {
  aligns.forEach((align, n) => {
    const cell = element(name, tr, align);
    if (name === "th") cell.scope = "col";
    inline(values[n] ?? "", cell, context, depth);
  });
}

function cells(line) {
  const inner = line.trim().replace(/^\|/, "").replace(/(?<!\\)\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.replace(/\\\|/g, "|").trim());
}

// Emphasis by its mark: in Markdown one star is italic, in mrkdwn it is bold.
const MARKS = {
  markdown: [["***", "strong", "em"], ["**", "strong"], ["__", "strong"], ["*", "em"], ["_", "em"], ["~~", "s"]],
  mrkdwn: [["*", "strong"], ["_", "em"], ["~", "s"]],
};

function inline(text, parent, context, depth) {
  const marks = MARKS[context.markdown ? "markdown" : "mrkdwn"];
  let plain = "";
  const flush = () => {
    plain.split("\n").forEach((line, n) => {
      if (n) element("br", parent);
      decoded(line).split(MORE).forEach((piece, at) => {
        if (at) element("span", parent, "glyph dots").textContent = MORE;
        if (piece) parent.append(piece);
      });
    });
    plain = "";
  };
  let at = 0;
  scan: while (at < text.length) {
    const rest = text[at];
    if (context.markdown && rest === "\\" && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    if (rest === "`") {
      const ticks = /^`+/.exec(text.slice(at))[0];
      const end = closing(text, ticks, at + ticks.length);
      if (end < 0) {
        plain += ticks;
        at += ticks.length;
        continue;
      }
      flush();
      const content = text.slice(at + ticks.length, end).replace(/\n/g, " ");
      const shown = context.markdown ? content.replace(/^ (.*\S.*) $/, "$1") : decoded(content);
      element("code", parent, shown.length <= SHORT_CODE ? "short" : "").textContent = shown;
      at = end + ticks.length;
      continue;
    }
    const token = rest === "<" && match(SLACK_TOKEN, text, at);
    if (token) {
      flush();
      slackToken(token, parent, context);
      at += token[0].length;
      continue;
    }
    const picture = rest === "!" && text[at + 1] === "[" ? 1 : 0; // a picture is shown as a link: nothing is loaded
    const link = context.markdown && (rest === "[" || picture) && match(LINK, text, at + picture);
    if (link) {
      flush();
      const node = anchor(link[2], parent);
      if (depth < DEPTH) inline(link[1], node, { ...context, linked: true }, depth + 1);
      if (!node.textContent) node.textContent = link[2];
      at += picture + link[0].length;
      continue;
    }
    const url = rest === "h" && !context.linked && !/\w/.test(text[at - 1] ?? "") && match(URL_ALONE, text, at);
    if (url) {
      flush();
      anchor(decoded(url[0]), parent).textContent = decoded(url[0]);
      at += url[0].length;
      continue;
    }
    for (const [mark, outer, innerName] of depth < DEPTH ? marks : []) {
      if (!text.startsWith(mark, at) || /\s|^$/.test(text[at + mark.length] ?? "")) continue;
      if (mark[0] === "_" && /[\p{L}\p{N}]/u.test(text[at - 1] ?? "")) continue;
      if (!context.markdown && /[A-Za-z0-9]/.test(text[at - 1] ?? "")) continue;
      const end = emphasisEnd(text, mark, at + mark.length);
      if (end < 0) continue;
      flush();
      let node = element(outer, parent);
      if (innerName) node = element(innerName, node);
      inline(text.slice(at + mark.length, end), node, context, depth + 1);
      at = end + mark.length;
      continue scan;
    }
    // A run of a mark that opened nothing is text as a whole, or its rest would be tried again.
    const run = /^([*_~])\1*/.exec(text.slice(at, at + 64))?.[0] ?? rest;
    plain += run;
    at += run.length;
  }
  flush();
}

function match(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function closing(text, ticks, from) {
  for (let end = text.indexOf(ticks, from); end >= 0; end = text.indexOf(ticks, end)) {
    const run = /^`+/.exec(text.slice(end))[0].length;
    if (run === ticks.length) return end;
    end += run;
  }
  return -1;
}

function emphasisEnd(text, mark, from) {
  let ticks = 0; // a mark inside a code span closes nothing
  for (let at = from; at < text.length; at++) {
    if (text[at] === "`") ticks++;
    if (text[at] !== mark[0] || !text.startsWith(mark, at) || text[at - 1] === "\\") continue;
    const run = /^[*_~]+/.exec(text.slice(at, at + 8))[0].length;
    const ends = at > from && ticks % 2 === 0 && !/\s/.test(text[at - 1]) && !(mark.length === 1 && run > 1);
    if (ends && !(mark[0] === "_" && /[\p{L}\p{N}]/u.test(text[at + mark.length] ?? ""))) return at;
    at += run - 1;
  }
  return -1;
}

function slackToken([, kind, value, label], parent, context) {
  if (kind.startsWith("http")) {
    const url = decoded(kind + value);
    anchor(url, parent).textContent = decoded(label || "") || url;
    return;
  }
  const name = kind === "@" ? context.names(value) : label || value;
  element("span", parent, "mention").textContent = (kind === "#" ? "#" : "@") + decoded(name);
}

function anchor(url, parent) {
  const node = element("a", parent);
  node.href = url;
  node.target = "_blank";
  node.rel = "noopener noreferrer nofollow";
  return node;
}

const decoded = (text) => text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]);
