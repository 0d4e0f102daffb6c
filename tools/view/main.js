// The page. Its address holds all that is shown (mode, moment, pair, picked frame), so a link leads to it.
class Page {
  constructor(recording) {
    this.recording = recording;
    this.stories = new Map();
    this.asking = new URLSearchParams(location.search).has("ask");
    this.picked = null;
    this.picture = new Picture(byId("picture"), (box) => this.pick(box));
    this.scrubber = new Scrubber(byId("scrubber"), (m) => this.go(m));
    this.source = new Source(byId("source"), byId("console"), recording.sources);
    this.compare = new Compare(byId("compare"), (story, m) => this.enter(story.replay.run.mode, m));
    this.controls();
    this.fromAddress();
    addEventListener("hashchange", () => this.fromAddress());
    addEventListener("resize", () => this.draw());
    addEventListener("keydown", (event) => this.key(event));
    setTimeout(() => this.compareAll(), 50);
  }

  story(mode) {
    if (!this.stories.has(mode)) {
      const story = new Story(new Replay(this.recording.runs.find((run) => run.mode === mode)));
      story.sources = this.recording.sources;
      this.stories.set(mode, story);
    }
    return this.stories.get(mode);
  }
  get run() { return this.now.replay.run; }

  // --- the current moment

  fromAddress() {
    const [mode, moment, pair, picked] = location.hash.slice(1).split("/");
    const modes = this.recording.runs.map((run) => run.mode);
    this.now = this.story(modes.includes(mode) ? mode : modes.at(-1));
    const known = pidsOf(this.run);
    const [left, right] = (pair ?? "").split("-").map((pid) => known.find((it) => String(it) === pid) ?? null);
    const main = mainPair(this.run);
    this.choose(left ?? main[0], right ?? (left === null || left === undefined ? main[1] : null));
    this.picked = picked ? Number(picked) : null;
    this.m = clamp(moment ? this.step(moment) : this.start(), this.now.moments.length - 1);
    this.ask = this.asking ? (this.ask?.story === this.now ? this.ask : new Ask(this.now)) : null;
    if (this.ask) this.m = Math.min(this.m, this.limit());
    this.fill();
    this.draw();
    const [wrong] = this.now.replay.wrong;
    if (wrong && !moment && !this.ask) this.goToWrong(wrong);
    this.astray(strayIn(this.recording, this.now, [mode, moment, pair, picked]));
  }

  // The moment that an address names: by its number, or as e315 by the number of events that have happened before it.
  step(moment) {
    if (!moment.startsWith("e")) return Number(moment) || 0;
    return Math.max(0, this.now.moments.findIndex((it) => it.events >= Number(moment.slice(1))));
  }

  // The address has been corrected already, so it names what is shown instead.
  astray(stray) {
    byId("astray").hidden = stray.length === 0;
    byId("astray").textContent = `The address is wrong: this page has ${stray.join("; ")}. Shown is ` +
      `${this.run.mode}, step ${this.m}.`;
  }

  // The program's first line; if lines are unknown, the moment when it has been loaded.
  start() {
    const line = this.now.moments.findIndex((it) => it.lines > 0);
    if (line >= 0) return line;
    const group = this.now.groups.find((it) => it.kind === "exec" && it.pid === this.left);
    return group ? this.now.momentOf[group.end] : 0;
  }
  limit() { return this.ask.open.length ? this.now.momentOf[this.ask.open[0].start] - 1 : Infinity; }

  choose(left, right) {
    Object.assign(this, { left, right });
    this.sceneAt = scenesOf(this.now.replay, left, right);
  }

  go(next) {
    next = clamp(next, this.now.moments.length - 1);
    const question = this.ask?.between(this.m, next);
    this.astray([]);
    if (question) return this.question(question);
    this.m = next;
    return this.draw();
  }

  enter(mode, m) {
    this.address(mode, m);
    this.fromAddress();
  }

  // The same place of the program in another mode: the same line, and if possible the same number of steps after it.
  counterpart(mode) {
    const other = this.story(mode);
    const { lines, events } = this.now.moments[this.m];
    const since = this.m - this.now.moments.findIndex((it) => it.lines === lines);
    if (!lines && !events) return 0;
    if (lines) {
      const first = other.moments.findIndex((it) => it.lines === lines);
      const last = other.moments.findLastIndex((it) => it.lines === lines);
      const mine = this.now.moments.findLastIndex((it) => it.lines === lines);
      return this.m === mine ? last : Math.min(first + since, last);
    }
    const passed = this.now.groups.filter((it) => it.kind !== "fault" && it.end < events).length;
    const same = other.groups.filter((it) => it.kind !== "fault")[passed - 1];
    return same ? other.momentOf[same.end] : 0;
  }

  address(mode = this.run.mode, m = this.m) {
    const parts = [mode, m, `${this.left ?? ""}-${this.right ?? ""}`, ...(this.picked === null ? [] : [this.picked])];
    history.replaceState(null, "", `#${parts.join("/")}`);
  }

  // --- what is shown

  draw() {
    const { replay } = this.now;
    replay.goTo(this.now.moments[this.m].events);
    const wrong = recount(replay);
    for (const it of replay.wrong) {
      if (this.now.momentOf[it.step - 1] === this.m && it.frame !== null) {
        if (!wrong.has(it.frame)) wrong.set(it.frame, []);
        wrong.get(it.frame).push(it);
      }
    }
    this.names = namesOf(this.run, replay.at);
    this.shown = new Shown(replay, this.sceneAt(replay.at), wrong, this.now.shownEvents(this.m));
    this.picture.show(this.shown, this.names, this.picked);
    byId("card").innerHTML = cardOf(this.now, this.m, this.names);
    this.source.show(this.now, this.m, [this.left, this.right]);
    const title = byId("card").querySelector("h2").textContent;
    this.scrubber.show(this.now, this.m, title);
    byId("picture").setAttribute("aria-label", `Memory at step ${this.m}: ${title}`);
    byId("where").textContent = `${number(this.m)} / ${number(this.now.moments.length - 1)}`;
    this.compare.rows && this.compare.mark(this.now, this.now.moments[this.m].event);
    this.verdict();
    this.address();
  }

  verdict() {
    const { wrong, run } = this.now.replay;
    const element = byId("verdict");
    element.classList.toggle("bad", wrong.length > 0);
    const here = wrong.filter((it) => this.now.momentOf[it.step - 1] === this.m);
    const inWords = ({ rule }) => (typeof rule === "number" ? `Rule ${rule} is broken here.`
      : rule === "panic" ? "The kernel panics here:" : "This cannot be.");
    byId("wrong").innerHTML = here.map((it) => `<p>✗ <b>${inWords(it)}</b> ${text(it.text)}</p>`).join("");
    byId("full").hidden = !run.full;
    byId("panic").hidden = !run.panic;
    const [first, ...more] = run.panic ?? [""];
    byId("panic").querySelector("summary").textContent = first.replace("ox: panic:", "The kernel panicked:");
    byId("panic").querySelector("pre").textContent = more.join("\n");
    if (!wrong.length) element.textContent = `✓ rules 1 to 3 hold at all ${number(run.events.length)} events`;
    else element.innerHTML = `✗ ${run.panic ? "the kernel panicked" : `a rule is broken ${plural(wrong.length, "time")}`},` +
      ` <button type="button">first wrong at step ${this.now.momentOf[wrong[0].step - 1] ?? 0}</button>`;
    element.querySelector("button")?.addEventListener("click", () => this.goToWrong(wrong[0]));
  }

  // Goes to that step, and chooses processes that have the box.
  goToWrong({ step, event }) {
    this.go(this.now.momentOf[step - 1] ?? 0);
    if (!event || [...this.shown.boxes.values()].some((box) => box.wrong)) return;
    const fork = this.run.events.find((it, i) => i >= step - 1 && it.kind === "fork" && it.pid === event.pid);
    this.choose(event.pid, fork?.child ?? null);
    this.fill();
    this.draw();
  }

  question(group) {
    this.m = this.now.momentOf[group.start] - 1;
    this.draw();
    byId("card").innerHTML = this.ask.form(group, this.names);
    const form = byId("card").querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const marks = this.ask.answer(group, form);
      this.go(this.now.momentOf[group.end]);
      byId("card").insertAdjacentHTML("afterbegin", marks);
    });
    form.querySelector("input").focus();
  }

  compareAll() {
    if (this.asking) return;
    this.compare.build(this.recording.runs.map((run) => this.story(run.mode)));
    for (const mode of document.querySelectorAll("[name=mode]")) {
      mode.parentNode.classList.toggle("bad", this.story(mode.value).replay.wrong.length > 0);
    }
    this.compare.mark(this.now, this.now.moments[this.m].event);
  }

  pick(box) {
    const frame = box.only?.frame ?? null;
    this.picked = this.picked === frame ? null : frame;
    this.draw();
  }

  // --- controls

  steps() {
    const fault = (event) => event?.kind === "fault";
    const fork = (event) => event && ["fork", "exec", "exit"].includes(event.kind);
    const frame = (event, moment) => moment.event !== null && this.touches(moment.event);
    const seek = (way, question) => () => this.go(this.now.seek(this.m, way, question));
    return { first: () => this.go(0), back: () => this.go(this.m - 1), on: () => this.go(this.m + 1),
      last: () => this.go(Infinity), faultBack: seek(-1, fault), fault: seek(1, fault), forkBack: seek(-1, fork),
      fork: seek(1, fork), frameBack: seek(-1, frame), frame: seek(1, frame) };
  }

  touches(i) {
    return this.now.replay.deltas[i].some(([object, key, before, after]) => object.frame === this.picked
      || (object === this.now.replay.nodes && key === this.picked)
      || (object instanceof Float64Array && [before, after].some((entry) => frameOf(entry) === this.picked)));
  }

  key(event) {
    if (byId("keys").open) {
      if (event.key === "?" || event.key === "h") byId("keys").close();
      return;
    }
    if (event.ctrlKey || event.altKey || event.metaKey || /^(SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.target.tagName === "INPUT" && !["range", "radio"].includes(event.target.type)) return;
    if (event.key === "?" || event.key === "h") {
      byId("keys").showModal();
      return;
    }
    if (event.target.type === "radio") return; // its arrow keys choose the mode
    const keys = { ArrowLeft: "back", ArrowRight: "on", Home: "first", End: "last", n: "fault", N: "faultBack",
      c: "frame", C: "frameBack", PageDown: "fork", PageUp: "forkBack", f: "fork", F: "forkBack" };
    const step = keys[event.key];
    if (!step) return;
    event.preventDefault();
    this.steps()[step]();
  }

  controls() {
    for (const button of document.querySelectorAll("[data-step]")) {
      button.addEventListener("click", () => this.steps()[button.dataset.step]());
    }
    for (const mode of document.querySelectorAll("[name=mode]")) {
      mode.addEventListener("change", () => this.enter(mode.value, this.counterpart(mode.value)));
    }
    for (const side of ["left", "right"]) {
      byId(side).addEventListener("change", () => {
        this.choose(numberOrNull(byId("left").value), numberOrNull(byId("right").value));
        this.draw();
      });
    }
    byId("help").addEventListener("click", () => byId("keys").showModal());
    byId("export").addEventListener("click", () => this.download());
    byId("theme").addEventListener("click", () => {
      const dark = getComputedStyle(document.documentElement).getPropertyValue("color-scheme").trim() === "dark";
      document.documentElement.dataset.theme = dark ? "light" : "dark";
    });
  }

  // Fills in what depends on the run: the mode, the processes.
  fill() {
    const names = namesOf(this.run);
    for (const mode of document.querySelectorAll("[name=mode]")) mode.checked = mode.value === this.run.mode;
    for (const side of ["left", "right"]) {
      byId(side).innerHTML = '<option value="">nobody</option>' + pidsOf(this.run)
        .map((pid) => `<option value="${pid}">pid ${pid} ${text(names[pid])}</option>`).join("");
      byId(side).value = this[side] ?? "";
    }
  }

  svg() { return pictureAsFile(byId("picture"), byId("picture-style").textContent); }
  download() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([this.svg()], { type: "image/svg+xml" }));
    link.download = `${this.recording.program}-${this.run.mode}-${this.m}.svg`;
    link.click();
    URL.revokeObjectURL(link.href);
  }
}

const byId = (id) => document.getElementById(id);
const clamp = (n, most) => Math.max(0, Math.min(n, most));
const numberOrNull = (value) => (value === "" ? null : Number(value));

// The recording is in the page, compressed.
async function unpack(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).json();
}

unpack(byId("recording").textContent.trim()).then((recording) => {
  globalThis.page = new Page(recording);
  document.body.dataset.ready = "yes";
}).catch((error) => {
  byId("card").textContent = `This page cannot be shown: ${error.message}. A newer browser may help.`;
  throw error;
});
