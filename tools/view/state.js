// What the picture shows at a step: boxes with counts, arrows with flags, and which of them this step changed.
const LETTERS = [["R", FLAG.R], ["W", FLAG.W], ["X", FLAG.X]];
// The letters that differ between pages. V, U, A and D are set in every valid leaf (rule 2).
function letters(flags) {
  const base = LETTERS.map(([letter, bit]) => (flags & bit ? letter : "-")).join("");
  const ours = (flags & FLAG.M ? "M" : "") + (flags & FLAG.S ? "S" : "");
  return `${flags & FLAG.V ? "" : "no V "}${base} ${ours}`.trimEnd();
}

// The changes of the events just done: of one event, or of a whole fork or fault when it is complete.
class Changes {
  constructor(replay, events) {
    this.born = new Set();
    this.died = [];
    this.counts = new Map(); // node -> count before
    this.entries = new Map(); // table * 512 + index -> entry before
    for (const [object, key, before, after] of events.flatMap((i) => replay.deltas[i])) {
      if (object === replay.nodes) after ? this.born.add(after) : this.died.push(before);
      else if (object instanceof Node && key === "count" && !this.counts.has(object)) this.counts.set(object, before);
      else if (object instanceof Float64Array) this.note(object, key, before);
    }
  }
  note(entries, index, before) {
    const key = entries.node?.frame * 512 + index;
    if (!this.entries.has(key)) this.entries.set(key, before);
  }
}

class Box {
  constructor(row, place, key) {
    Object.assign(this, { row, place, key, first: null, n: 0, least: Infinity, most: 0, was: null, wrong: null,
      owner: null, cached: 0, born: false, dead: false, flight: false, gone: false });
  }
  // A page that both processes have is visited twice.
  add(node, shown) {
    if (node.box === this && node.drawn === shown.id) return;
    node.box = this;
    if (this.first !== node) this.n += 1;
    if (node.handles) this.cached += 1;
    this.first ??= node;
    const owner = shown.ownerOf(node);
    this.owner = this.owner && owner && this.owner !== owner ? "both" : this.owner ?? owner;
    if (node.count < this.least) this.least = node.count;
    if (node.count > this.most) this.most = node.count;
    this.born ||= shown.changes.born.has(node);
    const before = shown.changes.counts.get(node);
    if (before !== undefined && before !== node.count && before > 0) this.was = before;
    this.wrong ??= shown.wrong.get(node.frame) ?? null;
  }
  get only() { return this.n === 1 ? this.first : null; }
}

const PLACES = ["left", "midleft", "middle", "midright", "right"];

class Shown {
  constructor(replay, scene, wrong, events) {
    Object.assign(this, { replay, scene, wrong, boxes: new Map(), arrows: new Map(), id: Shown.next++ });
    this.changes = new Changes(replay, events);
    const seen = new Set();
    const sides = [["left", scene.left], ["right", scene.right]];
    for (const [side, pid] of sides) this.own(replay.root(pid), side);
    for (const [side, pid] of sides) if (replay.root(pid)) this.table(replay.root(pid), 0, side, seen);
    const roots = new Set([...replay.roots.values()].flat());
    for (const node of replay.nodes.values()) if (node.held && !roots.has(node.frame)) this.inFlight(node, seen);
    for (const node of this.changes.died) this.dead(node);
    for (const frame of wrong.keys()) this.gone(replay.nodes.get(frame));
    for (const arrow of this.arrows.values()) this.passUnder(arrow);
    this.cached = 0;
    for (const node of replay.nodes.values()) if (node.handles) this.cached += 1;
  }

  // On its way to the middle, an arrow may meet a box of its own side, and passes below it.
  passUnder(arrow) {
    const { row, place } = arrow.box;
    const outer = arrow.place === "left" || arrow.place === "right";
    arrow.under = outer && place === "middle" && this.boxes.has(row.i * PLACES.length + PLACES.indexOf(arrow.place));
  }

  // Notes in each node whether it now belongs to left, right or both. There are thousands of nodes at each step.
  own(node, side) {
    if (!node) return;
    if (node.drawn !== this.id) node.owner = side;
    else if (node.owner === side || node.owner === "both") return;
    else node.owner = "both";
    if (node.drawn !== this.id) node.box = null;
    node.drawn = this.id;
    if (!node.table) return;
    const { entries } = node;
    for (let i = 0; i < 512; ++i) if (entries[i]) this.own(this.replay.nodes.get(frameOf(entries[i])), side);
  }
  ownerOf(node) { return node.drawn === this.id ? node.owner : null; }

  box(row, place) {
    const key = row.i * PLACES.length + PLACES.indexOf(place);
    if (!this.boxes.has(key)) this.boxes.set(key, new Box(row, place, key));
    return this.boxes.get(key);
  }

  table(node, va, place, seen) {
    const row = this.scene.row(node.level, va);
    if (!row) return null;
    const box = this.box(row, place);
    box.add(node, this);
    if (seen.has(node)) return box;
    seen.add(node);
    const { entries, level } = node;
    for (let i = 0; i < 512; ++i) {
      if (entries[i]) this.entry(node, i, entries[i], va + i * spanOf(level), row, place, seen);
    }
    return box;
  }

  entry(table, index, entry, va, from, side, seen) {
    const child = this.replay.nodes.get(frameOf(entry));
    if (!child) return;
    const place = this.scene.place(child) ?? side;
    const box = child.table ? this.table(child, va, place, seen) : this.page(child, va, place);
    if (box) this.arrow(from, side, box, table, entry, this.changes.entries.get(table.frame * 512 + index));
  }

  page(node, va, place) {
    const row = this.scene.row(-1, va);
    if (!row) return null;
    const box = this.box(row, place);
    box.add(node, this);
    return box;
  }

  arrow(from, place, box, table, entry, before) {
    const key = (from.i * PLACES.length + PLACES.indexOf(place)) * 65536 + box.key;
    const leaf = table.level === 0;
    if (!this.arrows.has(key)) {
      this.arrows.set(key, { key, from, place, box, flags: new Map(), changed: false, leaf, owner: null });
    }
    const arrow = this.arrows.get(key);
    const owner = this.ownerOf(table) ?? (place.endsWith("right") ? "right" : "left");
    arrow.owner = arrow.owner && arrow.owner !== owner ? "both" : owner;
    const flags = flagsOf(entry);
    arrow.flags.set(flags, (arrow.flags.get(flags) ?? 0) + 1);
    arrow.changed ||= before !== undefined;
    if (before) arrow.lost = flagsOf(before) & ~flags, arrow.got = flags & ~flagsOf(before);
  }

  // Copies that no entry names yet: a fork is in progress.
  inFlight(node, seen) {
    const place = this.scene.place(node);
    if (!place || node.va === null) return;
    const box = node.table ? this.table(node, node.va, place, seen) : this.page(node, node.va, place);
    if (box) box.flight = true;
  }

  dead(node) {
    const spot = this.spotLeft(node, this.wrong.has(node.frame));
    if (!spot) return;
    const box = this.box(...spot);
    box.dead = true;
    box.n += 1;
    box.first ??= node;
    box.least = box.most = 0;
    box.wrong ??= this.wrong.get(node.frame) ?? null;
  }

  // A wrong frame that neither of the two has any more: it is shown where it stood.
  gone(node) {
    const spot = node && ![...this.boxes.values()].includes(node.box) && this.spotLeft(node, true);
    if (!spot) return;
    const box = this.box(...spot);
    box.add(node, this);
    box.gone = true;
  }

  // [row, place] where the frame stood. `anyhow`: another place in its row, if that one is taken.
  spotLeft(node, anyhow) {
    const place = this.scene.place(node);
    const row = place && node.va !== null && this.scene.row(node.level, node.va);
    const taken = (at) => this.boxes.get(row.i * PLACES.length + PLACES.indexOf(at))?.dead === false;
    const free = row && [place, ...(anyhow ? ["middle", "left", "right"] : [])].find((at) => !taken(at));
    return free ? [row, free] : null;
  }
}
Shown.next = 1;
