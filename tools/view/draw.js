// The picture: on the left an outline of the left process's tree, on the right that of the right process, mirrored, and
// between them what they share. An arrow runs down from its table and then along the row of its target, so no box is in
// its way.
const WIDE = 1000, TABLE = 104, PAGE = 132, TALL = 24, STEM = 12;
const GUTTER = 84; // on the left the addresses, on the right the program's lines
const LEFT = { 2: GUTTER, 1: GUTTER + 48, 0: GUTTER + 96, [-1]: GUTTER + 154 };
const MIDLEFT = { 1: 350, 0: 384 };
const MIDDLE = (WIDE - PAGE) / 2;
const onRight = (place) => place === "right" || place === "midright";

function spotOf({ place, row }) {
  const wide = row.level < 0 ? PAGE : TABLE;
  const columns = place.startsWith("mid") ? MIDLEFT : LEFT;
  const x = place === "middle" ? MIDDLE : columns[row.level] ?? LEFT[row.level];
  return { x: onRight(place) ? WIDE - x - wide : x, y: row.y, wide };
}

const number = (n) => n.toLocaleString("en");
const plural = (n, word) => `${number(n)} ${word}${n === 1 ? "" : "s"}`;

class Picture {
  constructor(svg, onPick) {
    this.svg = d3.select(svg);
    this.onPick = onPick;
    for (const layer of ["heads", "rows", "arrows", "boxes"]) this.svg.append("g").attr("class", layer);
  }

  show(shown, names, picked) {
    const { scene } = shown;
    this.zero = shown.replay.run.zero;
    this.nodes = shown.replay.nodes;
    this.svg.attr("viewBox", `0 0 ${WIDE} ${scene.height}`);
    this.heads(shown, names);
    this.labels(scene, shown);
    this.arrows([...shown.arrows.values()]);
    this.boxes([...shown.boxes.values()], picked);
  }

  // --- texts around the picture

  heads(shown, names) {
    const { scene, replay } = shown;
    const title = (pid) => (pid === null ? "" : `pid ${pid}`);
    const name = (pid) => (replay.root(pid) ? names[pid] ?? "" : pid === null ? "" : "no address space now");
    const words = [
      { at: GUTTER, y: 22, anchor: "start", type: "who left", text: title(scene.left), more: name(scene.left) },
      { at: WIDE - GUTTER, y: 22, anchor: "end", type: "who right", text: title(scene.right), more: name(scene.right) },
      { at: WIDE / 2, y: 22, anchor: "middle", type: "who", text: "RAM",
        more: `${number(replay.nodes.size)} frames in use, ${number(shown.cached)} cached for files` },
      ...columnHeads(scene),
    ];
    const text = this.svg.select(".heads").selectAll("text").data(words).join("text")
      .attr("x", (w) => w.at).attr("y", (w) => w.y).attr("text-anchor", (w) => w.anchor).attr("class", (w) => w.type)
      .text((w) => w.text);
    text.filter((w) => w.more).append("tspan").attr("class", "more").attr("dx", 7).text((w) => w.more);
  }

  // Each row's address on the left, and the line of the program on the right.
  labels(scene, shown) {
    const used = new Set([...shown.boxes.values()].map((box) => box.row));
    const rows = scene.rows.filter((row) => row.level < 2 && used.has(row));
    const g = this.svg.select(".rows").selectAll("g").data(rows, (row) => row.i).join((enter) => {
      const one = enter.append("g");
      one.append("text").attr("class", "va").attr("x", 2);
      one.append("text").attr("class", "note").attr("x", WIDE - GUTTER + 4);
      return one;
    }).attr("transform", (row) => `translate(0,${row.y + TALL / 2 + 4})`);
    g.select(".va").text((row) => hex(row.va));
    g.select(".note").text((row) => short(row.note ?? (row.level >= 0 ? reachOf(row) : ""), 13));
  }

  // --- arrows

  arrows(data) {
    const g = this.svg.select(".arrows").selectAll("g").data(data, (arrow) => arrow.key).join((enter) => {
      const one = enter.append("g");
      one.append("path").attr("class", "line");
      one.append("path").attr("class", "tip");
      one.append("text").attr("class", "flags");
      return one;
    });
    g.attr("class", (a) => `arrow of-${a.owner}${a.changed ? " changed" : ""}`);
    g.select(".line").attr("d", lineOf);
    g.select(".tip").attr("d", tipOf);
    g.select(".flags").attr("x", flagsAt).attr("y", (a) => a.box.row.y + (a.under ? TALL - 2 : TALL / 2 - 5))
      .attr("text-anchor", (a) => (endOf(a).way < 0 ? "end" : "start")).each(flagText);
    g.filter((a) => a.changed).raise();
  }

  // --- boxes

  boxes(data, picked) {
    const g = this.svg.select(".boxes").selectAll("g").data(data, (box) => box.key).join((enter) => {
      const one = enter.append("g").attr("tabindex", 0).attr("role", "button");
      for (const shape of ["back", "body"]) one.append("rect").attr("class", shape).attr("height", TALL).attr("rx", 3);
      one.append("text").attr("class", "name").attr("x", 8).attr("y", 16);
      one.append("text").attr("class", "cached").attr("y", 16).attr("text-anchor", "end");
      one.append("rect").attr("class", "pill").attr("y", 4).attr("height", 16).attr("rx", 8);
      one.append("text").attr("class", "count").attr("y", 16).attr("text-anchor", "middle");
      one.append("rect").attr("class", "flag").attr("x", -4).attr("y", -9).attr("height", 14).attr("rx", 3);
      one.append("text").attr("class", "remark").attr("x", 0).attr("y", 1.5);
      this.listen(one);
      return one;
    });
    g.attr("transform", (b) => `translate(${spotOf(b).x},${spotOf(b).y})`).attr("class", (b) => this.look(b, picked))
      .attr("aria-label", (b) => this.say(b));
    g.select(".body").attr("width", (b) => spotOf(b).wide);
    g.select(".back").attr("width", (b) => spotOf(b).wide).attr("transform", "translate(3,3)");
    g.select(".name").text((b) => `${this.name(b)} `);
    g.select(".cached").attr("x", (b) => spotOf(b).wide - pillOf(b) - 9).text((b) => this.cachedOf(b));
    g.select(".pill").attr("x", (b) => spotOf(b).wide - pillOf(b) - 4).attr("width", pillOf);
    g.select(".count").attr("x", (b) => spotOf(b).wide - pillOf(b) / 2 - 4).text((b) => `${countOf(b)} `);
    g.select(".flag").attr("width", (b) => remarkOf(b).length * 6 + 8);
    g.select(".remark").text(remarkOf);
    g.filter((b) => b.wrong).raise();
  }

  // The DOM's own listeners, because the arguments of d3's differ between Debian's versions of d3.
  listen(groups) {
    for (const group of groups.nodes()) {
      const pick = (event) => { event.preventDefault(); this.onPick(d3.select(group).datum()); };
      group.addEventListener("click", pick);
      group.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") pick(event); });
    }
  }

  look(box, picked) {
    const marks = { shared: box.most > 1, run: box.n > 1, born: box.born, dead: box.dead, gone: box.gone, flight: box.flight,
      counted: box.was !== null, wrong: box.wrong, zero: box.only?.frame === this.zero,
      picked: picked !== null && this.holds(box, picked) };
    const what = box.row.level < 0 ? "page" : "table";
    return ["box", what, `of-${box.owner}`, ...Object.keys(marks).filter((mark) => marks[mark])].join(" ");
  }

  holds(box, frame) { return box.only ? box.only.frame === frame : this.nodes.get(frame)?.box === box; }

  name(box) {
    if (box.only) return box.only.frame === this.zero ? "zeros" : hex(box.only.frame);
    const count = number(box.n), long = `${count} ${box.row.level < 0 ? "pages" : "tables"}`;
    return 8 + long.length * 7.3 + pillOf(box) + 4 < spotOf(box).wide ? long : `× ${count}`;
  }

  // Marks the kernel's own reference, which belongs to a file, if there is room for the word.
  cachedOf(box) {
    const room = spotOf(box).wide - pillOf(box) - 17 - this.name(box).length * 7.3;
    return box.cached === box.n && !box.dead && box.only?.frame !== this.zero && room > 32 ? "cached " : "";
  }

  say(box) {
    const what = box.row.level < 0 ? "page" : box.row.level === 2 ? "root" : `table of level ${box.row.level}`;
    const wrong = box.wrong ? ` Wrong: ${box.wrong.map((it) => it.text).join(" ")}` : "";
    // A screen reader starts with what is visible: name, count, remark.
    const seen = `${this.name(box)} ${this.cachedOf(box)}${countOf(box)} ${remarkOf(box)}`;
    return `${seen} is the count of this ${what} at ${hex(box.row.va)}.${wrong}`;
  }
}

function countOf(box) {
  if (box.dead) return "0";
  const now = box.least === box.most ? number(box.most) : `${box.least}–${box.most}`;
  return box.was !== null && box.only ? `${box.was}→${now}` : now;
}
const pillOf = (box) => Math.max(18, countOf(box).length * 7 + 8);

function remarkOf(box) {
  const rules = [...new Set((box.wrong ?? []).map((it) => it.rule).filter(Number))].sort();
  return !box.wrong ? "" : rules.length ? `✗ rule ${rules.join(", ")}` : "✗ wrong";
}

function columnHeads({ left, right }) {
  const pages = LEFT[-1] + PAGE / 2;
  const only = (pid) => (pid === null ? "" : `only pid ${pid}’s`);
  const heads = [[only(left), pages], ["what both have or had", WIDE / 2], [only(right), WIDE - pages]]
    .map(([text, at]) => ({ text, at, anchor: "middle" }));
  for (const [level, text] of [[2, "root"], [1, "level 1"], [0, "level 0"]]) {
    heads.push({ text, at: LEFT[level], anchor: "start" }, { text, at: WIDE - LEFT[level], anchor: "end" });
  }
  return heads.map((head) => ({ ...head, y: 50, type: "column" }));
}

const SIZES = ["2 MiB", "1 GiB"];
const reachOf = (row) => (row.n > 1 ? `${row.n} × ${SIZES[row.level]}` : SIZES[row.level]);
const short = (text, most) => (text.length > most ? text.slice(0, most - 1) + "…" : text);
const stemOf = ({ place, from }) => {
  const spot = spotOf({ place, row: from });
  return onRight(place) ? spot.x + spot.wide - STEM : spot.x + STEM;
};

// An arrow goes down from the table's foot and then along the row to the box, which is on either side. If a box of the
// same row is in the way, it passes below that box.
function lineOf(arrow) {
  const x = stemOf(arrow), { end, way } = endOf(arrow);
  const middle = arrow.box.row.y + TALL / 2, y = arrow.under ? arrow.box.row.y + TALL + 2 : middle;
  const along = `M${x},${arrow.from.y + TALL} V${y - 6} q0,6 ${6 * way},6`;
  return arrow.under ? `${along} H${end - 14 * way} V${middle} H${end - 5 * way}` : `${along} H${end - 5 * way}`;
}
// Beside the stem, or behind the box that the arrow passes below.
function flagsAt(arrow) {
  const { way } = endOf(arrow), start = arrow.under ? LEFT[-1] + PAGE : null;
  return (start === null ? stemOf(arrow) : way > 0 ? start : WIDE - start) + 4 * way;
}
function endOf(arrow) {
  const spot = spotOf(arrow.box), way = spot.x + spot.wide / 2 > stemOf(arrow) ? 1 : -1;
  return { way, end: way > 0 ? spot.x : spot.x + spot.wide };
}
function tipOf(arrow) {
  const { end, way } = endOf(arrow);
  return `M${end},${arrow.box.row.y + TALL / 2} l${-8 * way},-4.5 v9 z`;
}

// The leaf's flags, the most frequent first. A letter that this step has added is bold.
function flagText(arrow) {
  const text = d3.select(this).text("");
  if (!arrow.leaf) return;
  const kinds = [...arrow.flags].sort((a, b) => b[1] - a[1]);
  if (kinds.length > 1) {
    text.text(`${letters(kinds[0][0])}…`);
    text.append("title").text(kinds.map(([flags, n]) => `${letters(flags)}: ${plural(n, "page")}`).join(", "));
    return;
  }
  for (const letter of letters(kinds[0][0])) {
    const bit = FLAG[letter] ?? 0;
    const news = arrow.changed && ((arrow.got & bit) || (letter === "–" && arrow.lost & FLAG.W));
    text.append("tspan").attr("class", news ? "new" : null).text(letter);
  }
}

// The shown picture with its style rules and colours, as a file of its own.
function pictureAsFile(svg, rules) {
  const copy = svg.cloneNode(true);
  const style = getComputedStyle(svg);
  const plain = rules.replace(/var\((--[a-z-]+)\)/g, (_, name) => style.getPropertyValue(name).trim());
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = svg.getAttribute("aria-label");
  const [, , wide, tall] = svg.getAttribute("viewBox").split(" ");
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", wide);
  copy.setAttribute("height", tall);
  for (const element of copy.querySelectorAll("[tabindex]")) element.removeAttribute("tabindex");
  copy.insertAdjacentHTML("afterbegin", `<style>${plain}</style><rect width="100%" height="100%" fill="${
    style.getPropertyValue("--ground").trim()}"/>`);
  copy.prepend(title);
  return new XMLSerializer().serializeToString(copy);
}
