// Replays the recorded events: which frames are in use, what their entries say, what the counts are. One journal
// records every change, so a step back costs as much as a step forward, and a jump costs its distance.
const FLAG = { V: 1, R: 2, W: 4, X: 8, U: 16, G: 32, A: 64, D: 128, M: 256, S: 512 };
// An entry is one number: the frame times 1024, plus ten flags. Only 43 bits of a frame number matter here.
const frameOf = (entry) => Math.floor(entry / 1024);
const flagsOf = (entry) => entry % 1024;
const withFlags = (entry, flags) => frameOf(entry) * 1024 + flags;
const hex = (number) => "0x" + number.toString(16);
const spanOf = (level) => 4096 * 512 ** level; // the bytes that one entry of a table of this level covers
const indexOf = (va, level) => Math.floor(va / spanOf(level)) % 512;

class Node {
  constructor(frame, level, va, born) {
    Object.assign(this, { frame, level, va, born, count: 0, handles: 0, held: 0, pids: [], leavers: [] });
    this.entries = level < 0 ? null : new Float64Array(512);
  }
  get table() { return this.level >= 0; }
}

class Replay {
  constructor(run) {
    this.run = run;
    this.nodes = new Map(); // frame -> Node, for all frames in use
    this.roots = new Map(); // pid -> its roots; the last one is in use
    this.flights = new Map(); // pid -> [{from, to}]: copies that no entry names yet
    this.at = 0; // number of events done
    this.deltas = []; // for each event: [object, key, before, after]...
    this.freed = new Map(); // pid -> what its last drop freed
    this.wrong = [];
    this.changes = [];
    for (const [frame, count] of run.handles) {
      const node = this.birth(frame, -1, null);
      node.count = node.handles = count;
    }
    const check = new Check(this);
    for (const event of run.events) this.record(event, check);
    check.end();
    this.goTo(0);
  }

  record(event, check) {
    this.changes = [];
    check.before(event);
    (this[`do_${event.kind}`] ?? (() => check.unknown(event))).call(this, event, check);
    this.deltas.push(this.changes);
    check.after(event, this.changes);
    this.at += 1;
  }

  goTo(step) {
    while (this.at < step) for (const [o, k, , after] of this.deltas[this.at++]) put(o, k, after);
    while (this.at > step) {
      const changes = this.deltas[--this.at];
      for (let i = changes.length; i-- > 0;) put(changes[i][0], changes[i][1], changes[i][2]);
    }
  }

  // --- the steps of which every event consists

  set(object, key, after) {
    const before = object instanceof Map ? object.get(key) : object[key];
    if (before === after) return;
    this.changes.push([object, key, before, after]);
    put(object, key, after);
  }

  birth(frame, level, va) {
    const node = new Node(frame, level, va, this.at);
    this.set(this.nodes, frame, node);
    return node;
  }

  inFlight(pid, frame, level, va, from) {
    const node = this.birth(frame, level, va);
    this.set(node, "count", 1);
    this.set(node, "held", 1);
    if (!this.flights.has(pid)) this.flights.set(pid, []);
    this.flights.get(pid).push({ from, to: frame });
    return node;
  }

  // Takes one of this process's copies that no entry names yet, the first that is `wanted`. Null: there is none.
  land(pid, wanted) {
    const flights = this.flights.get(pid) ?? [];
    const i = flights.findIndex(wanted);
    if (i < 0) return null;
    const [{ to }] = flights.splice(i, 1);
    const node = this.nodes.get(to);
    if (node) this.set(node, "held", node.held - 1);
    return to;
  }

  refer(frame, level, va) {
    const node = this.nodes.get(frame) ?? this.birth(frame, level, va);
    this.set(node, "count", node.count + 1);
    if (node.va === null) node.va = va;
    return node;
  }

  drop(frame, freed) {
    const node = this.nodes.get(frame);
    if (!node) return;
    this.set(node, "count", node.count - 1);
    if (node.count > 0) return;
    if (node.table) for (const entry of node.entries) if (entry) this.drop(frameOf(entry), freed);
    this.set(this.nodes, frame, undefined);
    freed[node.table ? "tables" : "pages"] += 1;
  }

  // Replaces an entry: takes the new frame's reference first, then drops the old one's.
  replace(pid, table, level, index, va, after) {
    const node = this.nodes.get(table) ?? this.refer(table, level, null);
    const before = node.entries[index];
    const old = frameOf(before), now = frameOf(after);
    this.set(node.entries, index, after);
    const base = va - va % spanOf(level);
    if (now && now !== old) {
      if (this.land(pid, (flight) => flight.to === now) === null) this.refer(now, level - 1, base);
      const child = this.nodes.get(now);
      if (child.va === null) child.va = base;
      this.reach(pid, child);
    }
    if (!old || old === now) return;
    this.nodes.get(old)?.leavers.push(pid);
    this.drop(old, { tables: 0, pages: 0 });
  }

  // Everything below is from now on used by this process, too. The layout of the boxes depends on that.
  reach(pid, node) {
    if (!node || node.pids.includes(pid)) return;
    node.pids.push(pid);
    if (node.table) for (const entry of node.entries) if (entry) this.reach(pid, this.nodes.get(frameOf(entry)));
  }

  setRoots(pid, roots) { this.set(this.roots, pid, roots.length ? roots : undefined); }

  // --- the kinds of event

  do_space({ pid, root }) {
    const node = this.birth(root, 2, 0);
    this.set(node, "count", 1);
    this.set(node, "held", 1);
    this.setRoots(pid, [...(this.roots.get(pid) ?? []), root]);
    this.reach(pid, node);
  }

  do_table({ pid, frame, level }) { this.inFlight(pid, frame, level, null, null); }

  do_copy({ pid, from, to, level, stop }) {
    const original = this.nodes.get(from);
    const copy = this.inFlight(pid, to, level, original?.va ?? null, from);
    if (level < 0 || !original?.table) return;
    original.entries.forEach((entry, index) => {
      if (!entry) return;
      const below = frameOf(entry);
      const landed = level > stop ? this.land(pid, (flight) => flight.from === below) : null;
      if (landed === null) this.refer(below, level - 1, null);
      this.set(copy.entries, index, (landed ?? below) * 1024 + flagsOf(entry));
    });
  }

  do_seal({ table }) {
    this.nodes.get(table)?.entries?.forEach((entry, index, entries) => {
      if (entry & FLAG.W) this.set(entries, index, entry - FLAG.W);
    });
  }

  do_entry({ pid, table, level, index, va, after }) { this.replace(pid, table, level, index, va, Number(after)); }

  do_fault({ pid, table, index, va, before, after }) {
    if (table && Number(before) !== Number(after)) this.replace(pid, table, 0, index, va, Number(after));
  }

  do_drop({ pid, frame }) {
    const node = this.nodes.get(frame);
    const freed = { tables: 0, pages: 0 };
    if (node?.held && this.land(pid, (flight) => flight.to === frame) === null) {
      this.set(node, "held", node.held - 1);
      for (const [owner, roots] of this.roots) {
        if (roots.includes(frame)) this.setRoots(owner, roots.filter((root) => root !== frame));
      }
    }
    this.drop(frame, freed);
    this.freed.set(pid, freed);
  }

  do_handle({ frame, add }) {
    const node = this.nodes.get(frame) ?? this.birth(frame, -1, null);
    this.set(node, "handles", node.handles + add);
    if (add > 0) this.set(node, "count", node.count + add);
    else this.drop(frame, { tables: 0, pages: 0 });
  }

  do_fork({ pid, child, root }) {
    const flight = this.land(pid, (it) => it.to === root);
    const node = this.nodes.get(root);
    if (!node || flight === null) return;
    this.set(node, "held", node.held + 1);
    this.setRoots(child, [root]);
    this.reach(child, node);
  }

  // Another process gets the root: a vfork's child, and then the parent again.
  do_move({ pid, root }) {
    for (const [owner, roots] of this.roots) {
      if (roots.includes(root)) this.setRoots(owner, roots.filter((it) => it !== root));
    }
    this.setRoots(pid, [...(this.roots.get(pid) ?? []), root]);
    this.reach(pid, this.nodes.get(root));
  }

  do_exec() {}
  do_exit() {}

  // --- queries

  root(pid) { return this.nodes.get(this.roots.get(pid)?.at(-1)); }

  // The tables from the root down to `va`, the leaf entry, and for each table whether it is owned (all counts from the
  // root are 1).
  walk(pid, va) {
    const path = [];
    let node = this.root(pid), owned = true;
    for (let level = 2; node?.table && level >= 0; --level) {
      owned = owned && node.count === 1;
      const entry = node.entries[indexOf(va, level)];
      path.push({ node, level, index: indexOf(va, level), entry, owned });
      node = this.nodes.get(frameOf(entry));
    }
    return path;
  }

  // Calls visit(node or undefined, entry, table, index) for all entries of one process, once for each path.
  visit(pid, visit) {
    const below = (table, va) => table.entries.forEach((entry, index) => {
      if (!entry) return;
      const node = this.nodes.get(frameOf(entry));
      const at = va + index * spanOf(table.level);
      visit(node, entry, table, index, at);
      if (table.level > 0 && node?.table) below(node, at);
    });
    const root = this.root(pid);
    if (root) below(root, 0);
  }
}

function put(object, key, value) {
  if (!(object instanceof Map)) object[key] = value;
  else if (value === undefined) object.delete(key);
  else object.set(key, value);
}
