// Checks whether the recorded kernel keeps rules 1 to 3 (kernel/vm/README.md). During the first replay, each event's
// changes are checked right after the event. `recount` checks a whole state, and is used for the step that is shown.
const isWritable = (entry) => (entry & (FLAG.W | FLAG.S)) === FLAG.W;

class Check {
  constructor(replay) {
    this.replay = replay;
    this.references = new Map(); // frame -> number of entries that name it, in live tables
    this.writable = new Map(); // frame -> number of these entries with W, without MAP_SHARED's; of a table: in it
    this.moves = new Map(); // frame -> the changes of its count since the kernel last reported the count
    this.off = new Map(); // frame -> the known difference between the kernel's count and ours
    this.trusted = new Set(); // kinds of changes that the kernel counts correctly
    this.doubts = []; // counts that differ
  }

  say(rule, frame, text, at = this.replay.at) {
    const { wrong, run } = this.replay;
    const step = at + 1; // so that both counts of one fault are one mistake
    const known = frame !== null && wrong.some((it) => it.step === step && it.rule === rule && it.frame === frame);
    if (!known && wrong.length < 500) wrong.push({ step, rule, frame, text, event: run.events[at] });
  }
  unknown(event) { this.say("format", null, `The page knows no event "${event.kind}": it is older.`); }

  // What must hold before the event is replayed.
  before(event) {
    const { nodes } = this.replay;
    if (event.table && (event.kind === "entry" || event.kind === "fault")) {
      const now = nodes.get(event.table)?.entries?.[event.index] ?? 0;
      if (now !== Number(event.before)) {
        this.say("replay", event.table, `Entry ${event.index} of ${hex(event.table)} was ${event.before}; ` +
          `the events before say ${hex(now)}.`);
      }
    }
    const writes = event.kind === "seal" || Number(event.before) !== Number(event.after);
    if (["entry", "fault", "seal"].includes(event.kind) && event.table && writes) this.owned(event);
    if (event.kind === "fault" && event.frame_before) {
      const { count, since } = this.countAtStart(event);
      this.kernelsCount(event.frame_before, event.count_before, count, since);
    }
  }

  // Rule 2: only owned tables are written.
  owned({ pid, table, va, level }) {
    const { replay } = this;
    const node = replay.nodes.get(table);
    if (!node) return;
    const path = replay.walk(pid, va ?? node.va ?? 0).filter((step) => step.level >= (level ?? 0));
    const here = path.find((step) => step.node === node);
    const shared = here ? path.find((step) => step.level >= here.level && step.node.count > 1)?.node
      : node.count > 1 ? node : null;
    if (shared) {
      this.say(2, table, `Table ${hex(table)} is written although ` +
        `${shared === node ? "it" : `${hex(shared.frame)} above it`} has count ${shared.count}.`);
    }
  }

  // The kernel read a fault's first count before it copied the tables of the path. The events of these copies, from
  // `since` on, come just before the fault.
  countAtStart(event) {
    const { replay } = this;
    const { events } = replay.run;
    let count = replay.nodes.get(event.frame_before)?.count ?? 0, since = replay.at;
    for (let i = replay.at - 1; i >= 0; --i) {
      if (events[i].hart !== event.hart) continue;
      if (events[i].pid !== event.pid || !isLeading(events[i])) break;
      const touched = replay.deltas[i].find(([o, k]) => k === "count" && o.frame === event.frame_before);
      if (touched) count = touched[2];
      since = i;
    }
    return { count, since };
  }

  // Compares the kernel's count of a frame before event `since` with `count`, which the events give. If they differ, an
  // earlier event was miscounted. `end` decides which one, when everything is known.
  kernelsCount(frame, kernels, count, since) {
    const off = kernels - count - (this.off.get(frame) ?? 0), moves = this.moves.get(frame) ?? [];
    if (off !== 0 && this.replay.run.harts > 1 && this.lately(frame, kernels - (this.off.get(frame) ?? 0))) return;
    const settled = moves.filter((it) => it.i < since);
    this.moves.set(frame, moves.filter((it) => it.i >= since));
    for (const { like } of off === 0 ? settled : []) this.trusted.add(like);
    if (off === 0) return;
    this.doubts.push({ frame, kernels, count, off, at: this.replay.at, moves: settled.filter((it) => it.by * off < 0) });
    this.off.set(frame, kernels - count);
  }

  // Finds the event that the kernel has miscounted. A candidate has changed the count in this direction since the count
  // was right. Kinds that the kernel counts correctly elsewhere are excluded, if another kind is left. Then a kind with
  // as many events as there are missing references is chosen; if there is none, the latest event.
  blame({ frame, kernels, count, off, at, moves }) {
    const odd = moves.filter((it) => !this.trusted.has(it.like)), pool = odd.length ? odd : moves;
    const alike = (like) => pool.filter((it) => it.like === like);
    const kind = pool.findLast((it) => alike(it.like).length === Math.abs(off));
    const words = off > 0 ? "goes here, and the kernel still counts it: is a drop missing?"
      : "is made here, and the kernel does not count it: is a share missing?";
    for (const { i } of kind ? alike(kind.like) : pool.slice(-1)) {
      this.say(1, frame, `A reference to ${hex(frame)} ${words}`, i);
    }
    const plain = `The kernel's count of ${hex(frame)} is ${kernels}; the events make it ${count}.`;
    if (!moves.length) this.say(1, frame, plain, at);
  }

  // Another hart may have changed the count between the kernel's reading and its event, so a recent value is right too.
  lately(frame, count) {
    const { replay } = this;
    for (let i = Math.max(0, replay.at - 64); i < replay.deltas.length; ++i) {
      for (const [o, k, before, after] of replay.deltas[i]) {
        if (k === "count" && o.frame === frame && (before === count || after === count)) return true;
      }
    }
    return false;
  }

  after(event, changes) {
    const { nodes, at } = this.replay;
    this.moved(event, changes);
    if (event.kind === "fault" && event.frame_after) {
      this.kernelsCount(event.frame_after, event.count_after, nodes.get(event.frame_after)?.count ?? 0, at + 1);
    }
    if (event.sum !== undefined && event.sum !== null) this.sums(event);
    if (event.kind === "exit") this.frees(event);
    this.touched(changes);
  }

  // Notes each change of a count, until the kernel reports the count.
  moved(event, changes) {
    for (const [object, key, before, after] of changes) {
      if (object === this.replay.nodes && after) {
        this.moves.set(key, []);
        this.off.delete(key);
      } else if (object instanceof Node && key === "count") {
        const by = after - before, like = `${event.kind} ${event.outcome} ${Math.sign(by)}`;
        if (!this.moves.has(object.frame)) this.moves.set(object.frame, []);
        this.moves.get(object.frame).push({ i: this.replay.at, by, like });
      }
    }
  }

  sums(event) {
    const frame = event.kind === "seal" ? event.table : event.to;
    const entries = this.replay.nodes.get(frame)?.entries;
    if (!entries) return;
    let sum = 0n;
    for (let i = 0; i < (event.level === 2 ? 256 : 512); ++i) sum += BigInt(entries[i]);
    const difference = BigInt(event.sum) - sum % 2n ** 64n;
    if (difference === 0n) return;
    const kept = difference > 0n && difference % 4n === 0n && difference <= 2048n ? difference / 4n : null;
    const leaves = kept === 1n ? "one leaf has" : `${kept} leaves have`;
    this.say(event.kind === "seal" ? 3 : "replay", frame, kept && event.kind === "seal"
      ? `Table ${hex(frame)} should have no W left, but ${leaves} kept it.`
      : `Table ${hex(frame)} in the machine is not what its events make it: the sums differ by ${difference}.`);
  }

  frees({ pid, tables, pages }) {
    const freed = this.replay.freed.get(pid);
    if (freed && (freed.tables !== tables || freed.pages !== pages)) {
      this.say(1, null, `The exit of pid ${pid} freed ${tables} tables and ${pages} pages; by the counts it should ` +
        `have freed ${freed.tables} and ${freed.pages}.`);
    }
  }

  // Updates the two tallies, then checks each frame that has changed.
  touched(changes) {
    const frames = new Set();
    for (const [object, key, before, after] of changes) {
      if (object === this.replay.nodes) this.life(key, before, after, frames);
      else if (object instanceof Float64Array) this.entry(object, before, after, frames);
      else if (object instanceof Node) frames.add(object.frame);
    }
    for (const frame of frames) this.frame(frame);
  }

  life(frame, before, after, frames) {
    frames.add(frame);
    if (before?.table) before.entries.forEach((entry) => entry && this.entry(before.entries, entry, 0, frames));
    if (after) after.entries && (after.entries.node = after);
  }

  entry(entries, before, after, frames) {
    for (const [entry, add] of [[before, -1], [after, 1]]) {
      if (!entry) continue;
      bump(this.references, frameOf(entry), add);
      if (isWritable(entry)) for (const of of [frameOf(entry), entries.node?.frame]) bump(this.writable, of, add);
      frames.add(frameOf(entry));
    }
    if (entries.node) frames.add(entries.node.frame);
    if (after & FLAG.W && !(after & FLAG.M)) {
      this.say(3, frameOf(after), `A leaf to ${hex(frameOf(after))} has W without MAY_WRITE.`);
    }
  }

  frame(frame) {
    const node = this.replay.nodes.get(frame);
    const found = (this.references.get(frame) ?? 0) + (node?.held ?? 0) + (node?.handles ?? 0);
    const wrong = judge(node, frame, found, this.writable.get(frame) ?? 0, this.replay);
    for (const it of wrong) this.say(it.rule, frame, it.text);
  }

  end() {
    const { run, nodes, wrong } = this.replay;
    this.replay.at -= 1; // what is found belongs to the last event
    if (run.panic) this.panic();
    if (run.final && !run.full) this.dump();
    this.replay.at += 1;
    for (const doubt of this.doubts) this.blame(doubt);
    wrong.sort((a, b) => a.step - b.step);
  }

  // The kernel itself has found an error, before a step of the last event, or after it. If the event changes a frame's
  // count several times, it is unknown before which change.
  panic() {
    const { at, run, nodes, deltas, wrong } = this.replay;
    const last = Math.max(0, at), [words] = run.panic;
    const [, name, kernels] = /frame (0x[0-9a-f]+).* has count (\d+)/.exec(words) ?? [];
    const frame = name === undefined ? null : Number(name);
    if (frame !== null && !run.full) {
      const moved = (deltas[last] ?? []).filter(([o, k]) => k === "count" && o.frame === frame);
      const counts = moved.length ? moved.map(([, , before]) => before) : [nodes.get(frame)?.count ?? 0];
      const right = Number(kernels) - (this.off.get(frame) ?? 0);
      if (right < Math.min(...counts) || right > Math.max(...counts)) {
        this.kernelsCount(frame, Number(kernels), counts[0], last);
      }
    }
    wrong.push({ step: last + 1, rule: "panic", frame, text: words.replace("ox: panic: ", ""), event: run.events[last] });
  }

  dump() {
    const { run, nodes } = this.replay;
    for (const [frame, entries] of Object.entries(run.final.tables)) {
      const ours = nodes.get(Number(frame))?.entries;
      const bad = Array.from({ length: 512 }, (_, i) => i).find((i) => (ours?.[i] ?? 0) !== Number(entries[i] ?? 0));
      if (bad !== undefined) {
        this.say("replay", Number(frame), `The last dump has ${entries[bad] ?? 0} in entry ${bad} of ` +
          `${hex(Number(frame))}; the events make it ${hex(ours?.[bad] ?? 0)}.`);
      }
    }
    for (const [frame, count] of Object.entries(run.final.counts).map(([it, n]) => [Number(it), n])) {
      this.kernelsCount(frame, count, nodes.get(frame)?.count ?? 0, run.events.length);
    }
  }
}

const bump = (map, key, add) => map.set(key, (map.get(key) ?? 0) + add);

// Checks one frame. `found` is the number of references to it. `writable` is the number of leaves with W that name it
// or, for a table, that it contains.
function judge(node, frame, found, writable, replay) {
  const wrong = [];
  if ((node?.count ?? 0) !== found) {
    wrong.push({ rule: 1, text: `${hex(frame)} has count ${node?.count ?? 0}, but a recount finds ${found} ` +
      `reference${found === 1 ? "" : "s"}.` });
  }
  if (node && node.count > 1 && !node.table && writable > 0) {
    wrong.push({ rule: 3, text: `Page ${hex(frame)} has count ${node.count} and a leaf with W: one process would see ` +
      "the other's writes." });
  }
  if (node && node.count > 1 && node.table && writesBelow(node, replay)) {
    wrong.push({ rule: 3, text: `Below table ${hex(frame)}, which has count ${node.count}, a leaf has W.` });
  }
  return wrong;
}

function writesBelow(node, replay) {
  if (node.level === 0) return node.entries.some(isWritable);
  return node.entries.some((entry) => {
    const below = entry && replay.nodes.get(frameOf(entry));
    return below?.table && writesBelow(below, replay);
  });
}

// Checks the whole state at the shown step. Returns frame -> what is wrong with it. There are tens of thousands of
// frames, so arrays indexed by frame hold the tallies. A frame outside RAM has no place in them, so no reference to it
// is counted.
function recount(replay) {
  const { first, frames } = replay.run.ram;
  const found = new Int32Array(frames), writable = new Int32Array(frames), wrong = new Map();
  for (const node of replay.nodes.values()) {
    found[node.frame - first] += node.held + node.handles;
    if (!node.table) continue;
    const { entries } = node;
    for (let i = 0; i < 512; ++i) {
      if (!entries[i]) continue;
      const at = frameOf(entries[i]) - first;
      found[at] += 1;
      if (isWritable(entries[i])) writable[at] += 1;
    }
  }
  const look = (frame, node, references, leaves) => {
    const it = judge(node, frame, references, leaves, replay);
    if (it.length) wrong.set(frame, it);
  };
  for (const node of replay.nodes.values()) {
    const at = node.frame - first, references = found[at] ?? 0;
    if (node.count !== references || node.count > 1) look(node.frame, node, references, writable[at] ?? 0);
  }
  found.forEach((references, at) => {
    if (references && !replay.nodes.has(at + first)) look(at + first, undefined, references, writable[at]);
  });
  return wrong;
}
