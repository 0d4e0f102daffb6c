// Where the boxes stand, for two processes and one scene (from one exec of theirs to the next). All of it is decided at
// once, from the whole recording, so no box ever moves. A row is a table or a run of pages. The picture is an outline
// of the address space, mirrored: a frame that only one of the two ever uses stands on its side, a frame of both in the
// middle.
const MOST_RUNS = 28;

class Scene {
  constructor(replay, left, right, from, to) {
    Object.assign(this, { left, right, from, to });
    const pages = new Pages(replay, this);
    const tree = foldRuns(pages.known);
    this.rows = [{ level: 2, va: 0, n: 1 }];
    for (const l1 of tree) {
      this.rows.push({ level: 1, va: l1.va, n: 1 });
      for (const l0 of l1.tables) this.rows.push({ level: 0, va: l0.va, n: l0.n }, ...l0.runs.map(pageRow));
    }
    this.rows.forEach((row, i) => { row.i = i; });
    this.stack();
    this.index();
  }

  stack() {
    let y = 64;
    for (const row of this.rows) {
      y += row.level === 1 ? 10 : row.level === 0 ? 4 : 0;
      row.y = y;
      y += row.level < 0 ? 28 : 32;
    }
    this.height = y + 12;
  }

  index() {
    this.byVa = [new Map(), new Map(), new Map(), new Map()]; // indexed by level + 1
    for (const row of this.rows) {
      const step = row.level < 0 ? 4096 : spanOf(row.level) * 512;
      for (const [va, n] of row.pieces ?? [[row.va, row.n]]) {
        for (let i = 0; i < n; ++i) this.byVa[row.level + 1].set(va + i * step, row);
      }
    }
  }

  row(level, va) { return this.byVa[level + 1]?.get(va); }

  // A page of both stands in the middle. A table of both stands nearer to the process that keeps it when the other one
  // gets a copy, so that the copy has room on its own side. Null: neither of the two ever has the frame.
  place(node) {
    const left = node.pids.includes(this.left), right = node.pids.includes(this.right);
    if (!left || !right) return left ? "left" : right ? "right" : null;
    if (!node.table) return "middle";
    return node.leavers.find((pid) => pid === this.left || pid === this.right) === this.left ? "midright" : "midleft";
  }
}

const pageRow = (run) => ({ level: -1, va: run.va, n: run.n, note: run.note, kind: run.kind, pieces: run.pieces });

// The pages that the two processes ever have in this scene, and the story of each page while both live.
class Pages {
  constructor(replay, scene) {
    this.known = new Map(); // va -> {kind, story, note}
    Object.assign(this, { replay, scene });
    const back = replay.at;
    const { events } = replay.run;
    const mine = (pid) => pid === scene.left || pid === scene.right;
    const both = pairStart(events, scene.left, scene.right);
    replay.goTo(Math.min(scene.from + 1, scene.to)); // the scene's first event creates the new address space
    this.look(scene.left);
    this.look(scene.right);
    for (let i = scene.from; i < scene.to; ++i) {
      const event = events[i];
      const taker = { fork: event.child, move: event.pid }[event.kind];
      if (mine(taker)) {
        replay.goTo(i + 1);
        this.look(taker);
      } else if (mine(event.pid) && isLeaf(event)) {
        replay.goTo(i + 1);
        this.event(event, i >= both);
      }
    }
    replay.goTo(back);
  }

  look(pid) {
    this.replay.visit(pid, (node, entry, table, index, va) => {
      if (table.level === 0) this.page(va, entry);
    });
  }

  page(va, entry) {
    const flags = flagsOf(entry);
    const kind = frameOf(entry) === this.replay.run.zero ? "zeros" : flags & FLAG.S ? "shared"
      : flags & FLAG.X ? "text" : flags & FLAG.M ? "data" : "constant";
    if (!this.known.has(va)) this.known.set(va, { kind, story: "", note: null, places: "" });
    const page = this.known.get(va);
    page.kind = kind;
    const place = this.scene.place(this.replay.nodes.get(frameOf(entry)) ?? { pids: [] });
    if (place && !page.places.includes(place)) page.places += place;
    return page;
  }

  event(event, both) {
    const va = event.va - event.va % 4096;
    const page = this.page(va, Number(event.after));
    if (!both || event.kind !== "fault") return;
    page.story += `${event.pid}${event.outcome} `;
    // Prefer the program's own line to a function of the libc.
    if (event.at?.text && !page.line) page.note = page.line = event.at.text;
    else if (event.at?.function) page.note ??= event.at.function;
  }
}

const isLeaf = (event) => (event.kind === "fault" || (event.kind === "entry" && event.level === 0)) && event.table
  && Number(event.after) !== 0;

// The index of the event with which the younger of the two begins to live. Pages are not distinguished before it.
function pairStart(events, left, right) {
  const begins = (event, pid) => ({ fork: event.child, space: event.pid, move: event.pid })[event.kind] === pid;
  const start = (pid) => events.findIndex((event) => begins(event, pid));
  return Math.max(start(left), start(right));
}

// Neighbouring pages with the same story form one run. Neighbouring level-0 tables that consist of one equal run form
// one row. If there are too many rows, the pages of the table with the most runs are distinguished less exactly, until
// all fit.
const TELLINGS = [(page) => page.kind + page.places + page.story, (page) => page.kind + page.places,
  (page) => page.kind + (page.story && "written"), (page) => page.kind, () => ""];

function foldRuns(known) {
  const tables = new Map(); // start of a table's range -> its pages in order, and how exactly they are told apart
  for (const va of [...known.keys()].sort((a, b) => a - b)) {
    const mib = va - va % spanOf(1);
    if (!tables.has(mib)) tables.set(mib, { va: mib, vas: [], exact: 0 });
    tables.get(mib).vas.push(va);
  }
  const all = [...tables.values()];
  for (const table of all) foldTable(table, known);
  for (;;) {
    const tree = treeOf(all);
    const runs = tree.flatMap((l1) => l1.tables).reduce((sum, l0) => sum + l0.runs.length, 0);
    const able = all.filter((table) => table.exact < TELLINGS.length - 1);
    if (runs <= MOST_RUNS || !able.length) return tree;
    const busiest = able.reduce((most, table) => (table.runs.length > most.runs.length ? table : most));
    busiest.exact += 1;
    foldTable(busiest, known);
  }
}

function foldTable(table, known) {
  const tell = TELLINGS[table.exact];
  table.runs = [];
  for (const va of table.vas) addPage(table.runs, va, known.get(va), tell(known.get(va)));
}

function treeOf(all) {
  const tree = [];
  for (const { va, runs } of all) {
    const gib = va - va % spanOf(2);
    if (tree.at(-1)?.va !== gib) tree.push({ va: gib, tables: [] });
    const copies = runs.map((run) => ({ ...run, pieces: run.pieces.map((piece) => [...piece]) }));
    tree.at(-1).tables.push({ va, n: 1, runs: copies });
  }
  for (const l1 of tree) l1.tables = mergeTables(l1.tables);
  return tree;
}

function addPage(runs, va, page, told) {
  const last = runs.at(-1);
  if (last && last.told === told) {
    const piece = last.pieces.at(-1);
    if (piece[0] + piece[1] * 4096 === va) piece[1] += 1;
    else if (told === "" || !page.story) last.pieces.push([va, 1]);
    else return runs.push(newRun(va, page, told));
    last.n += 1;
    last.note = last.note === page.note ? last.note : null;
    return runs;
  }
  return runs.push(newRun(va, page, told));
}
const newRun = (va, page, told) => ({ va, n: 1, pieces: [[va, 1]], told, note: page.note, kind: page.kind });

function mergeTables(tables) {
  const merged = [];
  for (const l0 of tables) {
    const last = merged.at(-1);
    const next = last && last.va + last.n * spanOf(1) === l0.va;
    if (next && last.runs.length === 1 && l0.runs.length === 1 && last.runs[0].told === l0.runs[0].told) {
      last.n += 1;
      last.runs[0].n += l0.runs[0].n;
      last.runs[0].pieces.push(...l0.runs[0].pieces);
    } else {
      merged.push(l0);
    }
  }
  return merged;
}

// The scenes of a pair: a new one begins when one of the two processes gets a new address space.
function scenesOf(replay, left, right) {
  const { events } = replay.run;
  const cuts = [0];
  events.forEach((event, i) => {
    if (event.kind === "space" && (event.pid === left || event.pid === right)) cuts.push(i);
  });
  const edges = [...new Set([...cuts, events.length])];
  const made = new Map();
  return (step) => {
    const i = Math.max(0, edges.findLastIndex((cut, n) => n < edges.length - 1 && cut < Math.max(step, 1)));
    if (!made.has(i)) made.set(i, new Scene(replay, left, right, edges[i], edges[i + 1] ?? events.length));
    return made.get(i);
  };
}
