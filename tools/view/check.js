// Whether the recorded kernel keeps rules 1 to 3 (kernel/vm/README.md). While the events are replayed for the first
// time, what an event touched is checked at it; `recount` looks at a whole state, and is what the shown step is checked
// by.
const isWritable = (entry) => (entry & (FLAG.W | FLAG.S)) === FLAG.W;

class Check {
  constructor(replay) {
    this.replay = replay;
    this.references = new Map(); // frame -> entries that name it, in living tables
    this.writable = new Map(); // frame -> of those, the ones with W (MAP_SHARED's aside); of a table: its leaves with W
    this.moves = new Map(); // frame -> what has moved its count since the kernel's own was seen last
    this.off = new Map(); // frame -> what the kernel's count is known to be off by
    this.trusted = new Set(); // kinds of moves that the kernel counts
    this.doubts = []; // counts that differ
  }

  say(rule, frame, text, at = this.replay.at) {
    const { wrong, run } = this.replay;
    const step = at + 1; // a fault's two counts are one mistake
    const known = frame !== null && wrong.some((it) => it.step === step && it.rule === rule && it.frame === frame);
    if (!known && wrong.length < 500) wrong.push({ step, rule, frame, text, event: run.events[at] });
  }
  unknown(event) { this.say("format", null, `The page knows no event "${event.kind}": it is older.`); }

  // What must hold before the event is done again.
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

  // A fault's first count was read before the tables of its path were copied: those events, from `since` on, stand
  // just before it.
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

  // The kernel's count of a frame as it was before event `since`; `count` is what the events make it. If they differ, an
  // earlier event has miscounted; which one is known best when all is known (`end`).
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

  // Who has miscounted: an event that should have moved the count this way since it was right last, of a kind that is
  // right nowhere else, if there is one; the kind that there are as many of as references are missing; else the latest.
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

  // Another hart may have changed the count between the kernel's look and the event: a value that it had is right too.
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

  // What moves each count, until the kernel's own is seen.
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

  // Keeps the two tallies, then looks at each frame that was touched.
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

  // The kernel itself has found something wrong, before a step of the last event, or after it. Of a frame that the
  // event moves several times it cannot be told before which.
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

// One frame against the rules; `found` references, and `writable` leaves that name it or, of a table, stand in it.
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

// The whole state at the shown step: frame -> what is wrong with it. Tens of thousands of frames at each step, so what
// is found is counted in arrays, by frame; a frame that is no RAM has no place there, and none of its references is
// found.
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
