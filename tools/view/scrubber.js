// The time line: a lane for each hart, a tick for each event. The slider over it is an ordinary range input.
const HEIGHTS = { fork: 1, exec: 0.8, exit: 0.8, fault: 0.6 };
const LANE = 26, TOP = 16;

class Scrubber {
  constructor(root, onMove) {
    this.svg = d3.select(root).select("svg");
    this.input = root.querySelector("input");
    this.input.addEventListener("input", () => onMove(Number(this.input.value)));
  }

  show(story, m, say) {
    const width = this.svg.node().clientWidth || 1000;
    if (this.story !== story || this.width !== width) this.ticks(story, width);
    this.input.value = m;
    this.input.setAttribute("aria-valuetext", say);
    const x = this.x(m);
    this.svg.select(".playhead").attr("d", `M${x},${TOP - 4} V${this.height}`).raise();
  }

  x(m) { return 2 + (m / Math.max(1, this.story.moments.length - 1)) * (this.width - 4); }

  ticks(story, width) {
    Object.assign(this, { story, width });
    const { run, wrong } = story.replay;
    this.height = TOP + LANE * run.harts + 4;
    this.input.max = story.moments.length - 1;
    this.svg.attr("height", this.height).selectAll("*").remove();
    for (let hart = 0; hart < run.harts; ++hart) {
      const foot = TOP + LANE * (hart + 1);
      this.svg.append("path").attr("class", "lane").attr("d", `M0,${foot} H${width}`);
      for (const kind of ["other", "fault", "exec", "exit", "fork"]) this.kind(hart, kind, foot);
    }
    this.marks([...new Set(wrong.map((it) => it.step))]);
    this.names();
    this.svg.append("path").attr("class", "playhead");
  }

  // Draws at most one tick in each pixel, since more cannot be seen.
  kind(hart, kind, foot) {
    const seen = new Set();
    this.story.replay.run.events.forEach((event, i) => {
      const of = event.kind in HEIGHTS ? event.kind : "other";
      if (of === kind && event.hart === hart) seen.add(Math.round(this.x(this.story.momentOf[i]) * 2) / 2);
    });
    const tall = (HEIGHTS[kind] ?? 0.3) * (LANE - 4);
    const ticks = [...seen].map((x) => `M${x},${foot} v${-tall}`).join("");
    this.svg.append("path").attr("class", `tick ${kind}`).attr("d", ticks);
  }

  marks(steps) {
    const at = [...new Set(steps.map((step) => Math.round(this.x(this.story.momentOf[step - 1] ?? 0))))];
    const shapes = at.map((x) => `M${x - 5},${TOP - 14} h10 l-5,9 z`).join("");
    this.svg.append("path").attr("class", "wrong").attr("d", shapes);
  }

  // Names above the tall ticks, where there is room.
  names() {
    let free = 0;
    this.story.replay.run.events.forEach((event, i) => {
      if (!["fork", "exec", "exit"].includes(event.kind)) return;
      const x = this.x(this.story.momentOf[i]);
      const whom = { fork: `${event.pid}→${event.child}`, exec: event.name, exit: event.pid };
      const label = `${event.kind} ${whom[event.kind]}`;
      const start = Math.min(x - 2, this.width - label.length * 6.2);
      if (start < free) return;
      free = start + label.length * 6.2 + 8;
      this.svg.append("text").attr("class", "name").attr("x", start).attr("y", 11).text(label);
    });
  }
}
