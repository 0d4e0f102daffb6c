// What the picture has to say at the shown step: boxes with counts, arrows with flags, and which of them this step changed.
const LETTERS = [["R", FLAG.R], ["W", FLAG.W], ["X", FLAG.X]];
// The letters that differ from page to page; V, U, A and D stand in every leaf that is valid (rule 2).
function letters(flags) {
  const base = LETTERS.map(([letter, bit]) => (flags & bit ? letter : "-")).join("");
  return (flags & FLAG.V ? "" : "no V ") + base + (flags & FLAG.M ? " M" : "") + (flags & FLAG.S ? " S" : "");
}

// What the events just done changed: one, or all of a fork or fault when that is complete.
class Changes {
  constructor(replay, events) {
    this.born = new Set();
    this.died = [];
    this.counts = new Map(); // node -> count before
    this.entries = new Map(); // "table:index" -> entry before
    for (const [object, key, before, after] of events.flatMap((i) => replay.deltas[i])) {
      if (object === replay.nodes) after ? this.born.add(after) : this.died.push(before);
      else if (object instanceof Node && key === "count" && !this.counts.has(object)) this.counts.set(object, before);
      else if (object instanceof Float64Array) this.note(object, key, before);
    }
  }
  note(entries, index, before) {
    const key = `${entries.node?.frame}:${index}`;
    if (!this.entries.has(key)) this.entries.set(key, before);
  }
}

class Box {
  constructor(row, place) {
    Object.assign(this, { row, place, key: `${row.i}${place}`, nodes: new Set(), least: Infinity, most: 0, was: null,
      born: false, dead: false, wrong: null, flight: false, owner: null });
  }
  add(node, shown) {
    if (this.nodes.has(node)) return;
    this.nodes.add(node);
    const owner = shown.owners.get(node) ?? null;
    this.owner = this.owner && owner && this.owner !== owner ? "both" : this.owner ?? owner;
    this.least = Math.min(this.least, node.count);
    this.most = Math.max(this.most, node.count);
    this.born ||= shown.changes.born.has(node);
    const before = shown.changes.counts.get(node);
    if (before !== undefined && before !== node.count && before > 0) this.was = before;
    this.wrong ??= shown.wrong.get(node.frame) ?? null;
  }
  get only() { return this.nodes.size === 1 ? [...this.nodes][0] : null; }
}

class Shown {
  constructor(replay, scene, wrong, events) {
    Object.assign(this, { replay, scene, wrong, boxes: new Map(), arrows: new Map() });
    this.changes = new Changes(replay, events);
    this.owners = new Map(); // node -> "left", "right" or "both", as it is now
    const seen = new Set();
    const sides = [["left", scene.left], ["right", scene.right]];
    for (const [side, pid] of sides) this.own(replay.root(pid), side);
    for (const [side, pid] of sides) if (replay.root(pid)) this.table(replay.root(pid), 0, side, seen);
    const roots = new Set([...replay.roots.values()].flat());
    for (const node of replay.nodes.values()) if (node.held && !roots.has(node.frame)) this.inFlight(node, seen);
    for (const node of this.changes.died) this.dead(node);
  }

  own(node, side) {
    if (!node) return;
    const before = this.owners.get(node);
    if (before === side || before === "both") return;
    this.owners.set(node, before ? "both" : side);
    if (node.table) for (const entry of node.entries) if (entry) this.own(this.replay.nodes.get(frameOf(entry)), side);
  }

  box(row, place) {
    const key = `${row.i}${place}`;
    if (!this.boxes.has(key)) this.boxes.set(key, new Box(row, place));
    return this.boxes.get(key);
  }

  table(node, va, place, seen) {
    const row = this.scene.row(node.level, va);
    if (!row) return null;
    const box = this.box(row, place);
    box.add(node, this);
    if (seen.has(node)) return box;
    seen.add(node);
    node.entries.forEach((entry, index) => {
      if (entry) this.entry(node, index, entry, va + index * spanOf(node.level), row, place, seen);
    });
    return box;
  }

  entry(table, index, entry, va, from, side, seen) {
    const child = this.replay.nodes.get(frameOf(entry));
    if (!child) return;
    const place = this.scene.place(child) ?? side;
    const box = child.table ? this.table(child, va, place, seen) : this.page(child, va, place);
    if (box) this.arrow(from, side, box, table, entry, this.changes.entries.get(`${table.frame}:${index}`));
  }

  page(node, va, place) {
    const row = this.scene.row(-1, va);
    if (!row) return null;
    const box = this.box(row, place);
    box.add(node, this);
    return box;
  }

  arrow(from, place, box, table, entry, before) {
    const key = `${from.i}${place}${box.key}`;
    const leaf = table.level === 0;
    if (!this.arrows.has(key)) {
      this.arrows.set(key, { key, from, place, box, flags: new Map(), changed: false, leaf, owner: null });
    }
    const arrow = this.arrows.get(key);
    const owner = this.owners.get(table) ?? (place.endsWith("right") ? "right" : "left");
    arrow.owner = arrow.owner && arrow.owner !== owner ? "both" : owner;
    const flags = flagsOf(entry);
    arrow.flags.set(flags, (arrow.flags.get(flags) ?? 0) + 1);
    arrow.changed ||= before !== undefined;
    if (before) arrow.lost = flagsOf(before) & ~flags, arrow.got = flags & ~flagsOf(before);
  }

  // Made, and named by nobody yet: the copies of a fork that is under way.
  inFlight(node, seen) {
    const place = this.scene.place(node);
    if (!place || node.va === null) return;
    const box = node.table ? this.table(node, node.va, place, seen) : this.page(node, node.va, place);
    if (box) box.flight = true;
  }

  dead(node) {
    const place = this.scene.place(node);
    const row = place && node.va !== null && this.scene.row(node.level, node.va);
    if (!row || this.boxes.get(`${row.i}${place}`)?.dead === false) return;
    const box = this.box(row, place);
    box.dead = true;
    box.nodes.add(node);
    box.least = box.most = 0;
  }
}
