// The program's text, with a column of markers for each of the two processes, and what has been printed so far.
class Source {
  constructor(root, consoleElement, sources) {
    this.root = root;
    this.console = consoleElement;
    this.file = null;
    this.sources = sources;
  }

  show(story, m, pids) {
    const lines = pids.map((pid) => (pid !== null && story.replay.root(pid) ? story.lineOfPid(m, pid) : null));
    const now = story.line(m) ?? lines.find(Boolean) ?? story.replay.run.lines[0];
    this.open(lines.find((line) => line && line.pid === now?.pid)?.file ?? now?.file ?? Object.keys(this.sources)[0]);
    for (const old of this.root.querySelectorAll(".here")) old.classList.remove("here");
    lines.forEach((line, i) => this.mark(line, pids[i], i));
    const event = story.event(m);
    const pid = event ? event.pid : story.line(m)?.pid;
    const follow = lines.find((line) => line && line.pid === pid) ?? lines.find(Boolean);
    if (follow) this.reveal(follow.line);
    this.console.textContent = story.console(m);
    this.console.scrollTop = this.console.scrollHeight;
  }

  open(file) {
    if (file === this.file) return;
    this.file = file;
    for (const one of this.root.querySelectorAll("[data-file]")) one.hidden = one.dataset.file !== file;
  }

  row(line) { return this.root.querySelector(`[data-file="${CSS.escape(this.file)}"] [data-line="${line}"]`); }

  mark(line, pid, i) {
    for (const old of this.root.querySelectorAll(`.marker.m${i}`)) old.textContent = "";
    const row = line && line.file === this.file && this.row(line.line);
    if (!row) return;
    row.classList.add("here");
    row.querySelector(`.m${i}`).textContent = `${pid}▸`;
  }

  reveal(line) {
    const row = this.row(line);
    if (!row) return;
    const box = this.root.getBoundingClientRect(), at = row.getBoundingClientRect();
    if (at.top < box.top + 20 || at.bottom > box.bottom - 20) this.root.scrollTop += at.top - box.top - box.height / 2;
  }
}
