// Says in words which parts of an address (mode/step/pair/frame, and words after "?") this recording does not have.
function strayIn({ runs }, { replay: { run }, moments }, [mode, step, pair, picked]) {
  const modes = runs.map((it) => it.mode), pids = pidsOf(run).map(String);
  const isNumber = (word, from, to) => /^\d+$/.test(word) && Number(word) >= from && Number(word) < to;
  const { first, frames } = run.ram;
  const stray = [...new URLSearchParams(location.search).keys()].filter((word) => word !== "ask")
    .map((word) => `no “?${word}” (there is “?ask”)`);
  if (mode && !modes.includes(mode)) stray.push(`no mode “${mode}” (there are ${modes.join(", ")})`);
  const isStep = step?.startsWith("e") ? isNumber(step.slice(1), 0, run.events.length + 1) : isNumber(step, 0, moments.length);
  if (step && !isStep) stray.push(`no step “${step}” (there are 0 to ${moments.length - 1})`);
  for (const pid of (pair ?? "").split("-").filter((it) => it && !pids.includes(it))) {
    stray.push(`no process “${pid}” (there are ${pids.join(", ")})`);
  }
  if (picked && !isNumber(picked, first, first + frames)) {
    stray.push(`no frame “${picked}” (there are ${first} to ${first + frames - 1})`);
  }
  return stray;
}
