// A run as a series of moments: a source line that is about to run, or an event that has just happened. A group is what
// a program would call one event: a fork with its copies, a fault with the tables that it copies, an exec with all that
// it maps. Events of little interest are folded into the next step: the pages that an exec maps or an eager fork
// copies, and all but the first few of many equal faults of one instruction.
class Story {
  constructor(replay) {
    this.replay = replay;
    const { events, lines } = replay.run;
    this.moments = [{ events: 0, event: null, lines: 0 }];
    this.groups = groupsOf(events);
    const wrong = [...new Set(replay.wrong.map((it) => it.step - 1))];
    const folded = unfolded(wrong, new Map([...foldedIn(events, this.groups), ...alikeIn(this.groups, lines)]));
    Object.assign(this, { folded, parts: partsIn(folded) });
    let line = 0;
    for (let i = 0; i <= events.length; ++i) {
      while (line < lines.length && lines[line].at <= i) this.moments.push({ events: i, event: null, lines: ++line });
      if (i < events.length && !folded.has(i)) this.moments.push({ events: i + 1, event: i, lines: line });
    }
    this.momentOf = new Int32Array(events.length);
    this.moments.forEach((moment, m) => { if (moment.event !== null) this.momentOf[moment.event] = m; });
    for (const [i, end] of folded) this.momentOf[i] = this.momentOf[end];
    this.lives = livesOf(events);
    this.sums = this.addUp(events);
    this.groupOf = new Map(this.groups.map((group) => [group.end, group]));
  }

  event(m) { const i = this.moments[m].event; return i === null ? null : this.replay.run.events[i]; }
  line(m) { const n = this.moments[m].lines; return n ? this.replay.run.lines[n - 1] : null; }
  // Where a process is: the last line of its program that it reached; for a new child, the parent's line.
  lineOfPid(m, pid) {
    const { lines } = this.replay.run;
    const life = this.lives.get(pid)?.findLast((it) => it.i < this.moments[m].events);
    for (let i = this.moments[m].lines - 1; i >= 0 && lines[i].at > (life?.i ?? -1); --i) {
      if (lines[i].pid === pid) return lines[i];
    }
    return life?.parent ? this.lineOfPid(this.momentOf[life.i], life.parent) : null;
  }
  console(m) {
    const { run } = this.replay;
    const { event, events } = this.moments[m];
    const line = this.line(m);
    const last = event !== null ? run.events[event] : events ? run.events[events - 1] : null;
    const length = event !== null ? last.console : Math.max(line?.console ?? 0, last?.console ?? 0);
    return run.console.slice(0, m === this.moments.length - 1 ? undefined : length);
  }

  // The events whose changes this moment shows.
  shownEvents(m) {
    const last = this.moments[m].event;
    if (last === null) return [];
    const { events } = this.replay.run;
    const shown = new Set(this.parts.get(last)), group = this.groupEndingAt(last);
    for (let i = group?.start ?? last; i <= last; ++i) {
      if (i === last || (events[i].pid === group.pid && events[i].hart === group.event.hart)) shown.add(i);
    }
    return [...shown].sort((a, b) => a - b);
  }
  groupEndingAt(event) { return this.groupOf.get(event); }

  // The nearest later moment (way 1) or earlier one (way -1) for whose event `question` is true; if none, m.
  seek(m, way, question) {
    for (let next = m + way; next >= 0 && next < this.moments.length; next += way) {
      if (question(this.event(next), this.moments[next])) return next;
    }
    return m;
  }

  // A fault's cost may include the copies in it that have events of their own; here no cost is counted twice.
  selfCosts(events) {
    const costs = events.map((event) => event.cost);
    for (const { start, end, event } of this.groups) {
      for (let i = start; i < end; ++i) {
        const mine = events[i].pid === event.pid && events[i].hart === event.hart;
        if (mine && events[i].t >= event.t) costs[end] -= costs[i];
      }
    }
    return costs;
  }

  addUp(events) {
    const own = this.selfCosts(events);
    const sums = [{ instructions: 0, frames: 0, bytes: 0, fences: 0 }];
    events.forEach((event, i) => {
      const cost = costOf(event, own[i], this.replay.deltas[i], this.replay.nodes);
      const last = sums.at(-1);
      sums.push(Object.fromEntries(Object.keys(last).map((key) => [key, last[key] + cost[key]])));
    });
    return sums;
  }
  cost(from, to) {
    return Object.fromEntries(Object.keys(this.sums[0]).map((key) => [key, this.sums[to][key] - this.sums[from][key]]));
  }
}

// The frames that an event took, the bytes that it copied, and the fences that rule 6 requires for it.
function costOf(event, instructions, changes, nodes) {
  const frames = changes.filter(([object, , , after]) => object === nodes && after).length;
  const copied = event.kind === "copy" || (event.kind === "fault" && event.outcome === "copied");
  const served = event.kind === "fault" && !["denied", "past_end", "no_memory"].includes(event.outcome);
  const fences = event.kind === "fork" ? 1 : served ? 1 + (event.tables > 0) : 0;
  return { instructions, frames, bytes: copied ? 4096 : 0, fences };
}

// {start, end, pid, kind, tables, pages} of each fork and fault, with the earlier events on the same hart that belong
// to it; and of each exit, with its drop.
const LEADING = ["copy", "seal", "entry", "table", "handle"];
// An entry event at level 0 comes from a call such as mprotect, and belongs to no fork or fault.
const isLeading = ({ kind, level }) => LEADING.includes(kind) && !(kind === "entry" && level === 0);
function groupsOf(events) {
  const groups = [], open = new Map(), dropped = new Map(), built = new Map();
  events.forEach((event, i) => {
    const key = `${event.pid} ${event.hart}`;
    const group = open.get(key) ?? { start: i, end: i, pid: event.pid, tables: 0, pages: 0 };
    if (event.kind === "copy") event.level < 0 ? (group.pages += 1) : (group.tables += 1);
    if (isLeading(event)) {
      open.set(key, group);
      return;
    }
    open.delete(key);
    if (event.kind === "exit") group.start = dropped.get(event.pid) ?? group.start;
    if (event.kind === "drop") dropped.set(event.pid, i);
    else dropped.delete(event.pid);
    if (event.kind === "space") built.set(event.pid, i);
    if (event.kind === "exec" && built.has(event.pid)) {
      group.start = built.get(event.pid);
      while (groups.length && groups.at(-1).start > group.start && groups.at(-1).pid === event.pid) groups.pop();
    }
    if (event.kind === "fault" && event.outcome === "copied") group.pages += 1;
    groups.push(Object.assign(group, { end: i, kind: event.kind, event }));
  });
  return groups;
}

// event -> the exec, or the copy of a table, to which it belongs.
function foldedIn(events, groups) {
  const folded = new Map();
  for (const { kind, pid, start, end } of groups) {
    if (!["exec", "fork"].includes(kind)) continue;
    for (let i = end - 1, whole = end; i >= start; --i) {
      if (events[i].pid !== pid) continue;
      if (kind === "fork" && !(events[i].kind === "copy" && events[i].level < 0)) whole = i;
      else folded.set(i, whole);
    }
  }
  return folded;
}
// Equal faults in a series, without a line of the program between them.
const FIRST_ALIKE = 4, MANY_ALIKE = 12;
function alikeIn(groups, lines) {
  const folded = new Map();
  const told = ({ kind, event }) => (kind === "fault" && event.pc ? `${event.pid} ${event.outcome} ${event.pc}` : null);
  let run = [], line = 0;
  const close = () => {
    const last = run.at(-1)?.end;
    for (const { start, end } of run.length >= MANY_ALIKE ? run.slice(FIRST_ALIKE) : []) {
      for (let i = start; i <= end && i < last; ++i) folded.set(i, last);
    }
    run = [];
  };
  for (const group of groups) {
    const since = line;
    while (line < lines.length && lines[line].at <= group.start) line += 1;
    if (run.length && (line > since || told(run[0]) !== told(group) || run.at(-1).end + 1 !== group.start)) close();
    if (told(group)) run.push(group);
  }
  close();
  return folded;
}
// An event that is wrong gets a step of its own, and the events folded before it belong to that step.
function unfolded(wrong, folded) {
  for (const [i, end] of folded) folded.set(i, wrong.find((it) => it >= i && it < end) ?? end);
  for (const i of wrong) if (folded.get(i) === i) folded.delete(i);
  return folded;
}
function partsIn(folded) {
  const parts = new Map();
  for (const [i, end] of [...folded].sort(([a], [b]) => a - b)) {
    if (!parts.has(end)) parts.set(end, []);
    parts.get(end).push(i);
  }
  return parts;
}

// pid -> [{i, parent}]: the events at which it begins to run something else, as its parent's child or by exec.
function livesOf(events) {
  const lives = new Map();
  events.forEach(({ kind, pid, child }, i) => {
    if (kind === "fork") lives.set(child, [{ i, parent: pid }]);
    else if (kind === "exec") lives.set(pid, [...(lives.get(pid) ?? []), { i, parent: null }]);
  });
  return lives;
}

// The pair that a story is about: the first fork by a process with known source; else the first fork of the last
// parent.
function mainPair(run) {
  const forks = run.events.filter((event) => event.kind === "fork");
  const told = new Set(run.lines.map((line) => line.pid));
  const fork = forks.find((event) => told.has(event.pid)) ?? forks.find((event) => event.pid !== 1) ?? forks[0];
  const first = run.events.find((event) => event.kind === "space")?.pid ?? null;
  return fork ? [fork.pid, fork.child] : [first, null];
}

function pidsOf(run) {
  return [...new Set(run.events.flatMap((event) => (event.kind === "fork" ? [event.pid, event.child] : [event.pid])))]
    .sort((a, b) => a - b);
}

// pid -> name after that many events. A child has the name of its parent's program until its exec.
function namesOf(run, step = Infinity) {
  const naming = ({ kind }) => ["exec", "fork", "move"].includes(kind);
  run.naming ??= run.events.flatMap((event, i) => (naming(event) ? [{ ...event, i }] : []));
  const execs = new Set(run.naming.filter((event) => event.kind === "exec").map((event) => event.pid));
  const names = Object.fromEntries(Object.entries(run.names ?? {}).filter(([pid]) => !execs.has(Number(pid))));
  for (const event of run.naming) {
    if (event.i >= step) break;
    if (event.kind === "exec") names[event.pid] = event.name;
    else if (event.kind === "move") names[event.pid] ??= event.name;
    else names[event.child] ??= names[event.pid];
  }
  return names;
}
