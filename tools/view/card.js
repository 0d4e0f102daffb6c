// Describes an event in words: who did it, where, the walk, what was done and why, the rule (RULES has the sentences of
// kernel/vm/rules.h), the line of the kernel, and the cost: instructions, frames taken, bytes copied, fences.
const LEVELS = { 2: "root", 1: "level-1 table", 0: "level-0 table", [-1]: "page" };
const f = (frame) => `<b class="frame">${hex(frame)}</b>`;

const FAULTS = {
  granted: (e) => (e.count_after > 1 ? grantedToMany(e)
    : ["the last owner gets W", 4, `Page ${f(e.frame_after)} has count ${e.count_after} and its path is owned: ` +
      "nobody else can see it, so it only gets W. Nothing is copied."]),
  copied: (e, cached) => ["the page is copied", 3, e.frame_before && e.frame_before === e.frame_after
    ? `The kernel reports a copy of page ${f(e.frame_before)}, but pid ${e.pid}'s entry still names that page, with W.`
    : e.frame_before
    ? `${cached ? "A file" : "Another process"} also has page ${f(e.frame_before)}, so pid ${e.pid} gets a copy ` +
      `of its own, ${f(e.frame_after)}, with W. The old page loses one reference.`
    : `The file keeps its page; pid ${e.pid} gets a copy, ${f(e.frame_after)}, with W.`],
  zeroed: (e) => ["a page of zeros", 12,
    `The first store here: pid ${e.pid} gets ${f(e.frame_after)}, cleared, with W.`],
  mapped_zero: (e) => ["the zero page is mapped", 1,
    `Read before it was written: one more reference to the zero frame, ${f(e.frame_after)}.`],
  mapped_file: (e) => ["a file's page is mapped", 14,
    `One more reference to the file's own page ${f(e.frame_after)}: nothing is read or copied.`],
  spurious: () => ["spurious", 6, "The entry already allows it: fence, then retry."],
  denied: () => ["denied", 3, "No mapping allows this access: the process gets SIGSEGV."],
  past_end: () => ["past the file's end", 14, "The mapped file has no such page: SIGBUS."],
  no_memory: () => ["no memory", 10, "No frame is left for this fault: the process is killed, and no other one."],
};

// The new writer is not alone. That is right for MAP_SHARED only, where others are to see the write; else it is a bug.
const grantedToMany = (e) => (flagsOf(Number(e.after)) & FLAG.S
  ? ["a shared mapping gets W", 3, `Page ${f(e.frame_after)} is mapped MAP_SHARED: all processes see the write.`]
  : ["W is given", 3, `Page ${f(e.frame_after)} has count ${e.count_after}, so others see the write, but it gets W.`]);

const KINDS = {
  space: (e) => ["A new address space", 7, `An empty root, ${f(e.root)}, for pid ${e.pid}.`],
  drop: (e) => [`A ${LEVELS[e.level]} is given up`, 1, `One reference to ${f(e.frame)} is dropped. At count 0 ` +
    "the entries drop their references too, and so on down the tree."],
  handle: (e) => [e.add > 0 ? "A file takes a page" : "A file gives up a page", 14,
    `The kernel's own handle on ${f(e.frame)}.`],
  table: (e) => [`A new ${LEVELS[e.level]}`, 12, `${f(e.frame)}, empty; the next event puts it in its place.`],
  copy: (e) => copyInWords(e),
  seal: (e) => ["A table is sealed", 3, `Every leaf of ${f(e.table)} loses W, so each write to the shared ` +
    "pages will fault."],
  entry: (e) => (frameOf(Number(e.before)) === frameOf(Number(e.after)) ? permissionsInWords(e)
    : [`An entry of the ${LEVELS[e.level]} is replaced`, 2, `Entry ${e.index} of ${f(e.table)} named ` +
      `${nameOf(e.before)}; now it names ${nameOf(e.after)}.`]),
  fault: (e, cached) => {
    const [what, rule, why] = FAULTS[e.outcome](e, cached);
    const way = e.tables ? ` ${plural(e.tables, "table")} on the path had to be copied first, because of sharing.` : "";
    return [`${{ load: "Load", store: "Store", execute: "Fetch" }[e.access]} fault: ${what}`, rule, why + way];
  },
  fork: (e) => ["fork", 1, forkInWords(e)],
  move: (e) => ["The address space moves", 7, `pid ${e.pid} now has the one with root ${f(e.root)}: vfork lends it ` +
    "to the child, and the parent sleeps until it comes back."],
  exec: (e) => [`exec ${text(e.name)}`, 7, `pid ${e.pid} is another program now, in a new address space. The file’s ` +
    "pages are mapped, not read. Only what is written at once, the stack and the first variables, gets new pages."],
  exit: (e) => ["exit", 1,
    `${plural(e.tables, "table")} and ${plural(e.pages, "page")} reached count 0 and are free.`],
};

const text = (words) => String(words ?? "").replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
const nameOf = (entry) => (Number(entry) ? f(frameOf(Number(entry))) : "nothing");

// The permissions change: through mprotect(2), or because the entry is detached before the fence, and emptied after it.
function permissionsInWords(e) {
  const allows = Number(e.after) & FLAG.V ? "other permissions" : "no permission";
  return [`An entry of the ${LEVELS[e.level]} has ${allows} now`, 6,
    `Entry ${e.index} of ${f(e.table)} still names ${nameOf(e.after)}.`];
}

function copyInWords(e) {
  if (e.level < 0) return ["A page is copied", 12, `${f(e.to)} is a copy of page ${f(e.from)}, ahead of any write.`];
  const why = e.level === e.stop ? "Its entries are the same, so each frame that they name has one more reference."
    : "Its entries name the copies that were made just before; the rest is shared.";
  return [`A ${LEVELS[e.level]} is copied`, 1, `${f(e.to)} is a copy of ${f(e.from)}. ${why}`];
}
function forkInWords(e) {
  const list = ([pages, ...tables]) => [[tables.reduce((a, b) => a + b), "table"], [pages, "page"]]
    .filter(([n]) => n).map(([n, word]) => plural(n, word)).join(" and ") || "nothing";
  return `pid ${e.child} lives, with root ${f(e.root)}. It has ${list(e.own)} of its own, and shares ` +
    `${list(e.shared)}${e.shared[1] + e.shared[2] ? ", with all that is below" : ""} (${text(e.mode)}).`;
}

// The line of the instruction. Of the libc only the function is known, so its caller's line is added.
function placeInWords(at, pc, line, story) {
  const known = at && at.function !== "??";
  const place = ({ file, line: n }, words) => `${text(file)}:${n} <code>${text(words)}</code>`;
  const where = !known ? "" : at.line ? place(at, at.text) : `in <code>${text(at.function)}</code>`;
  const during = known && !at.line && line ? `during ${place(line, lineName(line, story))}` : "";
  const counter = pc && known ? `pc ${hex(Number(pc))}` : "";
  return [[where, during].filter(Boolean).join(", "), counter].filter(Boolean).join(" · ");
}

// The path from the root to the address, as it is after the event.
function walkInWords(replay, event) {
  const va = event.va ?? null;
  if (va === null || !["fault", "entry"].includes(event.kind)) return "";
  const rows = replay.walk(event.pid, va).map((step) => {
    const below = replay.nodes.get(frameOf(step.entry));
    const flags = step.level === 0 && step.entry ? letters(flagsOf(step.entry)) : "";
    const cells = [LEVELS[step.level], f(step.node.frame), `[${step.index}]`,
      step.owned ? "owned" : `count ${step.node.count}`, `→ ${below ? f(below.frame) : "nothing"} ${flags}`];
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
  });
  return rows.length ? `<table class="walk"><caption>The walk to ${hex(va)}</caption>${rows.join("")}</table>` : "";
}

function costTable(story, m, start) {
  const at = story.moments[m].events;
  const rows = [["this event", story.cost(Math.max(0, at - 1), at)], ["so far", story.cost(0, at)]];
  if (start < at - 1) rows.splice(1, 0, ["all of it", story.cost(start, at)]);
  // On several harts, instructions cannot be assigned to one process.
  const kinds = ["instructions", "frames", "bytes", "fences"].slice(story.replay.run.harts > 1 ? 1 : 0);
  const heads = ["", ...kinds];
  const head = heads.map((words) => (words ? `<th scope="col">${words}</th>` : "<td></td>")).join("");
  return `<table class="cost"><thead><tr>${head}</tr></thead>` +
    rows.map(([name, cost]) => `<tr><th scope="row">${name}</th>` +
      kinds.map((kind) => `<td>${number(cost[kind])}</td>`).join("") + "</tr>").join("") + "</table>";
}

// The line of the kernel that reported the event.
const siteOf = ({ where }) => (where ? `<span class="site">${text(where.file)}:${where.line}</span>` : "");

function cardOf(story, m, names) {
  const event = story.event(m);
  const who = (pid) => `pid ${pid}${names[pid] ? ` (${text(names[pid])})` : ""}`;
  if (!event) {
    const line = story.line(m);
    return line ? `<h2>The next line</h2><p>${who(line.pid)} is about to run ${text(line.file)}:${line.line}:<br>` +
      `<code>${text(lineName(line, story))}</code></p>`
      : "<h2>The start</h2><p>No process yet. The kernel holds the pages of its files and the zero frame.</p>";
  }
  const cached = story.replay.nodes.get(event.frame_before)?.handles > 0;
  const [title, rule, why] = KINDS[event.kind]?.(event, cached) ?? [event.kind, 1, ""];
  const last = story.moments[m].event;
  const parts = story.parts.get(last) ?? [];
  const start = Math.min(story.groupEndingAt(last)?.start ?? Infinity, ...parts.slice(0, 1));
  const alike = event.kind === "fault" ? parts.filter((i) => story.replay.run.events[i].kind === "fault").length : 0;
  const more = alike ? ` <b>${plural(alike, "fault")} of this instruction had the same outcome before.</b>` : "";
  const place = event.at ? `<br>${placeInWords(event.at, event.pc, story.lineOfPid(m, event.pid), story)}` : "";
  return `<h2>${title}</h2><p class="whom">${who(event.pid)} · hart ${event.hart}${place}</p>` +
    `<p>${why}${more}</p>${walkInWords(story.replay, event)}` +
    `<p class="rule"><b>Rule ${rule}.</b> ${RULES[rule]}<br>${siteOf(event)}</p>${costTable(story, m, start)}`;
}
