// The modes side by side. A row is what the program does (a source line; where lines are unknown: each fork, each
// series of faults, each exit), and its cells are what that cost the kernel.
function columnsOf(story) {
  const { events, lines } = story.replay.run;
  const first = Math.min(lines[0]?.at ?? Infinity, firstFork(story));
  const columns = new Map(), times = new Map(), current = new Map();
  const told = new Set(lines.map((it) => it.pid));
  const names = namesOfEvents(story);
  let line = 0;
  const open = (pid, name) => {
    const base = `${pid} ${name}`;
    times.set(base, (times.get(base) ?? 0) + 1);
    const key = `${base} ${times.get(base)}`;
    columns.set(key, { key, pid, name, instructions: 0, tables: 0, pages: 0, end: null, parts: new Map() });
    current.set(pid, columns.get(key));
  };
  events.forEach((event, i) => {
    for (; line < lines.length && lines[line].at <= i; ++line) open(lines[line].pid, lineName(lines[line], story));
    if (i < first) return;
    const name = names[i];
    if (!told.has(event.pid) && name && current.get(event.pid)?.name !== name) open(event.pid, name);
    const column = current.get(event.pid);
    if (!column) return;
    column.end = i;
    if (!column.parts.has(name)) column.parts.set(name, { instructions: 0, tables: 0, pages: 0, faults: 0 });
    for (const sum of [column, column.parts.get(name)]) charge(sum, event, story.cost(i, i + 1).instructions);
  });
  return [...columns.values()];
}

function charge(sum, event, instructions) {
  sum.instructions += instructions;
  if (event.kind === "fault") sum.faults += 1;
  if (event.kind === "copy") sum[event.level < 0 ? "pages" : "tables"] += 1;
  if (event.kind === "fault" && event.outcome === "copied") sum.pages += 1;
}

// The index of the first fork of the process that the story is about.
function firstFork(story) {
  const [parent] = mainPair(story.replay.run);
  return story.groups.find((group) => group.kind === "fork" && group.pid === parent)?.start ?? 0;
}
const lineName = (line, story) => story.sources?.[line.file]?.[line.line - 1]?.trim() ?? `${line.file}:${line.line}`;

// The program's name for each event: the tables that a fault copies belong to the fault.
const CALLED = { fork: "fork", exec: "exec", exit: "exit", drop: "exit", fault: "faults" };
function namesOfEvents(story) {
  const { events } = story.replay.run;
  const names = events.map(() => null);
  for (const group of story.groups) {
    for (let i = group.start; i <= group.end; ++i) {
      const mine = events[i].pid === group.pid && events[i].hart === group.event.hart;
      if (mine) names[i] = CALLED[group.kind] ?? null;
    }
  }
  return names;
}

// All modes' columns in one order. If nothing happens in a mode (no fault), its cell is empty.
function align(stories) {
  const order = [];
  for (const columns of stories.map(columnsOf)) {
    let at = 0;
    for (const column of columns) {
      const known = order.findIndex((it) => it.key === column.key);
      if (known >= 0) at = known + 1;
      else order.splice(at++, 0, { key: column.key, pid: column.pid, name: column.name });
    }
  }
  return order;
}

class Compare {
  constructor(table, onGo) { Object.assign(this, { table: d3.select(table), onGo }); }

  build(stories) {
    this.rows = stories.map((story) => ({ story, cells: new Map(columnsOf(story).map((it) => [it.key, it])) }));
    const busy = ({ key }) => this.rows.some((row) => worthOf(row.cells.get(key)));
    this.order = align(stories).filter(busy).slice(0, 40);
    const most = this.rows.reduce((max, { cells }) =>
      this.order.reduce((at, { key }) => Math.max(at, worthOf(cells.get(key))), max), 1);
    const head = this.table.select("thead").selectAll("tr").data([0]).join("tr");
    head.selectAll("th").data([{ name: "" }, ...this.order]).join("th").attr("scope", "col")
      .html((it) => (!it.name ? "mode"
        : `<span class="pid">pid ${it.pid}</span> <code>${text(short(it.name, 34))}</code>`));
    const rows = this.table.select("tbody").selectAll("tr").data(this.rows).join("tr");
    rows.selectAll("th").data((row) => [row]).join("th").attr("scope", "row").html((row) => this.total(row));
    const cellsOf = (row) => this.order.map(({ key }) => ({ row, key, cell: row.cells.get(key) }));
    const cells = rows.selectAll("td").data(cellsOf).join("td").html((it) => cellText(it.cell, most));
    for (const td of cells.nodes()) {
      td.querySelector("button")?.addEventListener("click", () => this.go(d3.select(td).datum()));
    }
  }

  total({ story }) {
    const { run } = story.replay;
    const silent = run.panic ? "the kernel panicked" : run.instructions
      ? `${number(run.instructions)} instructions, boot to exit` : "";
    return `${run.mode}<span class="total">${silent}</span>`;
  }

  go({ row, cell }) { this.onGo(row.story, row.story.momentOf[cell.end]); }

  mark(story, event) {
    const now = (it) => it.row.story === story && it.cell && event !== null && this.keyAt(it, event);
    this.table.selectAll("td").classed("now", now);
  }
  keyAt(it, event) {
    if (it.cell.end === null) return false;
    const ends = this.order.map(({ key }) => it.row.cells.get(key)?.end ?? -1).filter((end) => end >= event);
    return it.cell.end === Math.min(...ends);
  }
}

// The length of a cell's bar: instructions; on several harts, where these are not counted, frames copied.
const worthOf = (cell) => (cell ? cell.instructions || cell.tables + cell.pages : 0);

function cellText(cell, most) {
  if (!worthOf(cell)) return '<span class="none">–</span>';
  const wide = Math.max(1, Math.round((100 * worthOf(cell)) / most));
  return `<button type="button"><span class="bar" style="width:${wide}%"></span>` +
    `${cell.instructions ? `<b>${number(cell.instructions)}</b>` : ""}` +
    `${partsInWords(cell).map((words) => `<span class="copied">${words}</span>`).join("")}</button>`;
}

// What was copied. If the cell sums up several things, a list of each.
function partsInWords(cell) {
  const parts = [...cell.parts].filter(([, part]) => worthOf(part));
  if (parts.length < 2) return [copiedInWords(cell)];
  return parts.map(([name, part]) => {
    const what = name === "faults" ? plural(part.faults, "fault") : name ?? "other calls";
    return `${what}${part.instructions ? ` ${number(part.instructions)}` : ""}: ${copiedInWords(part)}`;
  });
}
function copiedInWords({ tables, pages }) {
  const copied = [tables && plural(tables, "table"), pages && plural(pages, "page")].filter(Boolean);
  return copied.length ? `copied ${copied.join(", ")}` : "nothing copied";
}
