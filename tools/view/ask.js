// ?ask: before each fork and each write fault, the student says what will be copied, and what a count will be.
const MOST_QUESTIONS = 12;

class Ask {
  constructor(story) {
    this.story = story;
    this.right = this.asked = 0;
    const first = firstFork(story);
    const asked = (it) => it.start >= first && isQuestion(it) && !story.folded.has(it.end);
    this.open = story.groups.filter(asked).slice(0, MOST_QUESTIONS);
    this.total = this.open.reduce((sum, group) => sum + partsOf(group).length, 0);
  }

  // The question between the moments m and next, if there is one.
  between(m, next) {
    const group = this.open[0];
    return group && this.story.momentOf[group.start] <= next && next > m ? group : null;
  }

  form(group, names) {
    const { event } = group;
    const where = event.at ? `, ${placeInWords(event.at)}` : "";
    const what = group.kind === "fork" ? "is about to fork"
      : `is about to store to ${hex(event.va)}${where}; the leaf does not allow it`;
    const parts = partsOf(group).map(({ label, name }) =>
      `<label>${label} <input type="number" min="0" name="${name}" required autocomplete="off"></label>`).join("");
    const who = `pid ${group.pid} (${text(names[group.pid])})`;
    return `<h2>What will happen?</h2><p>${who} ${what}.</p><form class="ask">${parts}<button>Look</button></form>`;
  }

  // Marks the answers, and returns the text for the card.
  answer(group, form) {
    this.open.shift();
    const said = partsOf(group).map(({ label, name, is }) => {
      const mine = Number(form.elements[name].value);
      this.asked += 1;
      this.right += mine === is;
      return `<li>${mine === is ? "✓ right" : "✗ not quite"}: ${label} <b>${number(is)}</b>` +
        `${mine === is ? "" : `, you said ${number(mine)}`}</li>`;
    });
    const score = this.open.length ? `${this.right} of ${this.asked} so far`
      : `The end: ${this.right} of ${this.total} right`;
    return `<div class="score"><ul>${said.join("")}</ul><p><b>${score}.</b></p></div>`;
  }
}

const isQuestion = ({ kind, event }) => kind === "fork"
  || (kind === "fault" && ["granted", "copied"].includes(event.outcome) && event.frame_before > 0);

function partsOf(group) {
  const parts = [{ label: "Tables copied:", name: "tables", is: group.tables },
    { label: "Pages copied:", name: "pages", is: group.pages }];
  if (group.kind === "fault") {
    parts.push({ label: `Count of the page that it maps afterwards:`, name: "count", is: group.event.count_after });
  }
  return parts;
}
