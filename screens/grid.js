// The tap grid: paints a tap at once, and the server's numbers when it answers (queue.js sends what is tapped). Where the
// app runs without its routes, every tap that is not confirmed yet goes through Streamlit instead.
// What a person typed reaches the page through textContent and value only.

const TICK = '<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M5 12.5l4.5 4.5L19 7.5"/></svg>';
const IDLE_MS = 2000; // after the last confirmation, the sent taps are forgotten
const SOON_MS = 400; // after the last answer, the rest of the page is drawn anew where that is needed
const LEAVING_MS = 3000; // from the press on a link until another page stands, at the latest
const LOOK_S = 6 * 3600; // at the latest, and when the day is over, the page asks how things stand
const GLOW_MS = 1600;
const NARROW_REM = 36.9, TIGHT_REM = 18.5; // widths, in letters as large as the person has them
const memories = new WeakMap();

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  if (tag === 'button') node.type = 'button';
  return node;
};

// A number as the language writes it, all of it.
const written = (value, { language }) => value.toLocaleString(language, { useGrouping: false, maximumFractionDigits: 20 });

const isReached = (target, value) => ('least' in target ? value >= target.least : value <= target.most);

// The number by which a day is judged: a row's own, or another where it was changed since (or from the next day on).
const targetOn = (row, j) => ('target' in row.cells[j] ? row.cells[j].target : row.target);

// A cell as it will be once the server has heard the tap.
function afterTap(cell, tap, target) {
  if (tap.act === 'tick') {
    if (cell.s === 'done') return cell;
    return { ...cell, s: 'done', v: target && 'least' in target ? target.least : null };
  }
  if (tap.act === 'value') return { ...cell, s: isReached(target, tap.value) ? 'done' : 'part', v: tap.value };
  if (tap.act === 'skip') return { ...cell, s: 'skip', v: null };
  if (tap.act === 'note') return { ...cell, note: tap.value };
  if (tap.act === 'edit' || tap.act === 'page') return cell;
  const takesBack = tap.act === 'unskip' ? cell.s === 'skip' : cell.s === 'done' || cell.s === 'part';
  return takesBack ? { ...cell, s: cell.base, v: null, note: '' } : cell;
}

export default function drawGrid({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector('#grid');
  const memory = memories.get(root) ?? begin(root, parentElement);
  memories.set(root, memory);
  memory.data = data;
  memory.send = setStateValue;
  memory.again = () => setTriggerValue('again', true);
  memory.sequence = Math.max(memory.sequence, data.seq);
  memory.taps = memory.taps.filter((tap) => tap.seq > data.seq);
  clearTimeout(memory.idle);
  if (memory.sent && memory.taps.length === 0) {
    memory.idle = setTimeout(() => { memory.sent = false; memory.send('ops', []); }, IDLE_MS);
  }
  joinQueue(queue, memory);
  show(root, memory, memory.board && memory.board.stamp > data.stamp ? memory.board : data);
  window.__xpFirstPaint?.leave((left) => takeOver(root, memory, left));
  return () => {
    [memory.idle, memory.midnight, memory.soon].forEach(clearTimeout);
    memory.observer.disconnect();
    memories.delete(root);
    if (queue.grid === memory) queue.grid = { ...memory, hear: () => {}, say: () => {} }; // taps on their way still go
  };
}

function begin(root, parent) {
  const memory = { taps: [], sequence: 0, sent: false, open: null, day: null };
  memory.observer = new ResizeObserver(([entry]) => {
    const wide = entry.contentRect.width / parseFloat(getComputedStyle(document.documentElement).fontSize);
    root.classList.toggle('narrow', wide < NARROW_REM);
    root.classList.toggle('tight', wide < TIGHT_REM);
  });
  memory.observer.observe(root);
  memory.say = (words) => write(parent.querySelector('#wire'), words);
  memory.hear = (answer, sent) => hear(root, parent, memory, answer, sent);
  return memory;
}

// What was being done on the first paint (first_paint.js) goes on here: the row that is open, the focus, and what only
// Streamlit can open.
function takeOver(root, memory, { open, day, focus, wish }) {
  show(root, memory, memory.board);
  const place = (id) => memory.board.rows.findIndex((row) => row.id === id);
  if (place(open) >= 0) {
    memory.day = day;
    toggle(root, memory, place(open));
  }
  controls(root)[focus]?.focus({ preventScroll: true });
  if (wish && place(wish.habit) >= 0) tap(root, memory, place(wish.habit), Math.max(memory.board.now, 0), wish.act);
}

const controls = (root) => root.querySelectorAll('button, input');

// A board of the server, from a run of the script or in answer to a tap.
function show(root, memory, board) {
  memory.board = board;
  const shape = JSON.stringify([board.days, board.rows.map((row) => [row.id, row.target, row.group, row.cells.map((cell) => cell.target)])]);
  if (memory.shape !== shape) {
    memory.shape = shape;
    build(root, memory);
  }
  paint(root, memory);
  paintHead(board, memory.data.words);
  requestAnimationFrame(() => { if (memory.board === board) paintHead(board, memory.data.words); }); // the page may draw its own after us
  clearTimeout(memory.midnight);
  memory.midnight = setTimeout(() => { queue.wantsLook = true; sendTaps(queue); }, Math.min(board.ends + 1, LOOK_S) * 1000);
}

function hear(root, parent, memory, answer, sent) {
  write(parent.querySelector('#refused'), answer ? answer.refused.join(' ') : memory.data.words.notRecorded);
  if (!answer) return paint(root, memory);
  const before = memory.board.head;
  if (answer.board.days[0].iso === memory.data.days[0].iso) show(root, memory, answer.board);
  celebrate(root, memory, before, answer.board.head, sent);
  if (!answer.again) return;
  clearTimeout(memory.soon);
  memory.soon = setTimeout(() => drawRest(memory), SOON_MS);
}

// Asked for a part of a page that is being left, Streamlit would draw that part and nothing of the page that comes: who
// is still here afterwards, as behind a link to another tab, waits a little for it.
function drawRest(memory) {
  if (Date.now() - queue.leftAt > LEAVING_MS) memory.again();
  else memory.soon = setTimeout(() => drawRest(memory), LEAVING_MS);
}

function celebrate(root, memory, before, after, sent) {
  const gained = after.total - before.total;
  const last = sent.at(-1);
  if (!last || gained <= 0) return;
  const i = memory.board.rows.findIndex((row) => row.id === last.habit);
  if (memory.board.rows[i]?.quiet) return; // recorded, and not praised (core/coach/quiet.py)
  const j = memory.board.days.findIndex((day) => day.iso === last.day);
  const cell = root.querySelectorAll('.row')[i]?.querySelectorAll('.cell')[j];
  if (cell) rise(root, cell, `+${gained} XP`);
  const hero = document.querySelector('.td-hero');
  if (!before.perfect && after.perfect && hero) {
    hero.classList.add('glow');
    setTimeout(() => hero.classList.remove('glow'), GLOW_MS);
  }
}

function write(node, words) {
  if (node && node.textContent !== words) node.textContent = words;
}

// What a tap moves beside the grid. The page's own drawing of it stays the frame: only words, widths and classes change.
function paintHead({ head, heat, word }, words) {
  const hero = document.querySelector('.td-hero');
  if (!hero) return;
  write(hero.querySelector('p b'), head.said);
  const level = hero.querySelector('.td-level').lastChild;
  if (level.nodeValue !== String(head.level)) level.nodeValue = head.level;
  hero.querySelectorAll('.td-xp span').forEach((span, n) => write(span, n ? head.missing : head.xp));
  hero.querySelector('.td-bar i').style.width = head.filled;
  hero.classList.toggle('perfect', head.perfect);
  write(hero.querySelector('.td-perfect'), head.perfect ? words.perfect : '');
  const cells = document.querySelectorAll('.in-heat.seven > i');
  heat.forEach(([place, kind, title]) => { if (cells[place]) Object.assign(cells[place], { className: kind, title }); });
  const line = document.querySelector('.td-word');
  if (line && line.textContent !== word.map(([words]) => words).join('')) {
    line.replaceChildren(...word.map(([words, isName]) => make(isName ? 'b' : 'span', '', words)));
  }
}

const pending = (memory) => (memory.data.route ? queue.taps : memory.taps);

function cellNow(memory, i, j) {
  const row = memory.board.rows[i];
  const day = memory.board.days[j].iso;
  return pending(memory)
    .filter((tap) => tap.habit === row.id && tap.day === day)
    .reduce((cell, tap) => afterTap(cell, tap, targetOn(row, j)), row.cells[j]);
}

function tap(root, memory, i, j, act, value) {
  const row = memory.board.rows[i];
  const before = cellNow(memory, i, j).s;
  const one = { habit: row.id, day: memory.board.days[j].iso, act, value: value ?? null };
  if (memory.data.route && act !== 'edit' && act !== 'page') {
    pushTap(queue, one);
  } else {
    memory.taps.push({ ...one, seq: ++memory.sequence });
    memory.sent = true;
    clearTimeout(memory.idle); // or it would take back what is on its way
    if (act === 'page') queue.leftAt = Date.now();
    memory.send('ops', memory.taps.map((tapped) => ({ ...tapped })));
  }
  paintRow(memory, root.querySelectorAll('.row')[i], i, root);
  if (row.ask && before !== 'done' && cellNow(memory, i, j).s === 'done') askForNote(root, memory, i, j);
}

// Opens the row's panel at that day, its note marked; the tick stands without it.
function askForNote(root, memory, i, j) {
  if (memory.open === memory.board.rows[i].id) toggle(root, memory, i);
  memory.day = j;
  toggle(root, memory, i);
}

// --- building

function build(root, memory) {
  const { board } = memory;
  root.replaceChildren(head(board));
  board.rows.forEach((row, i) => {
    if (board.besides && row.group !== board.rows[i - 1]?.group) root.append(make('h3', 'group', row.group || board.besides));
    root.append(buildRow(root, memory, row, i));
  });
}

function head(board) {
  const line = make('div', 'head');
  line.setAttribute('aria-hidden', 'true');
  line.append(make('span', 'pad'), make('span', 'pad'));
  board.days.forEach((day, j) => {
    const label = make('span', j === board.now ? 'now' : '', day.short);
    label.append(make('b', '', day.number));
    line.append(label);
  });
  line.append(make('span', 'pad'));
  return line;
}

function buildRow(root, memory, row, i) {
  const line = make('div', 'row');
  line.setAttribute('role', 'group');
  const who = make('div', 'who');
  const text = make('div', 'text');
  const name = make('button', 'name');
  name.onclick = () => { tap(root, memory, i, Math.max(memory.board.now, 0), 'page'); };
  text.append(name, make('div', 'hint'));
  const icon = make('div', 'icon');
  icon.setAttribute('aria-hidden', 'true');
  who.append(icon, text);
  const top = make('div', 'top');
  top.append(who, make('span', 'streak'));
  line.append(top);
  if (row.target && memory.board.now >= 0) {
    line.classList.add('counts');
    line.append(stepper(root, memory, i, () => memory.board.now));
  }
  memory.board.days.forEach((_, j) => line.append(buildCell(root, memory, i, j)));
  const more = make('button', 'more', '⋯');
  more.onclick = () => { toggle(root, memory, i); };
  line.append(more);
  return line;
}

function buildCell(root, memory, i, j) {
  const cell = make('button', 'cell');
  cell.setAttribute('role', 'checkbox');
  cell.tabIndex = j === Math.max(memory.board.now, 0) ? 0 : -1;
  cell.onclick = () => {
    const isDone = cellNow(memory, i, j).s === 'done';
    tap(root, memory, i, j, isDone ? 'untick' : 'tick');
    cell.classList.remove('pop');
    void cell.offsetWidth; // starts the animation anew
    cell.classList.add('pop');
  };
  cell.onkeydown = (event) => {
    const [di, dj] = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key] ?? [0, 0];
    const next = root.querySelectorAll('.row')[i + di]?.querySelectorAll('.cell')[j + dj];
    if ((di || dj) && next && !next.disabled) {
      event.preventDefault();
      next.focus();
    }
  };
  cell.onfocus = () => {
    cell.parentNode.querySelectorAll('.cell').forEach((one) => { one.tabIndex = one === cell ? 0 : -1; });
  };
  return cell;
}

function rise(root, cell, words) {
  const at = cell.getBoundingClientRect();
  const label = make('span', 'rise', words);
  label.setAttribute('aria-hidden', 'true');
  label.style.left = `${at.left + at.width / 2}px`;
  label.style.top = `${at.top - 6}px`;
  root.parentNode.append(label);
  setTimeout(() => label.remove(), 800);
}

// A number with minus and plus; `day` says for which column it stands.
function stepper(root, memory, i, day) {
  const row = memory.board.rows[i];
  const { words } = memory.data;
  const habit = row.name;
  const box = make('div', 'stepper');
  const [less, field, plus] = [make('button', '', '−'), make('input'), make('button', '', '+')];
  field.type = 'number';
  field.inputMode = 'decimal';
  field.min = 0;
  field.step = 'any';
  field.setAttribute('aria-label', habit);
  less.setAttribute('aria-label', fill(words.less, { habit }));
  plus.setAttribute('aria-label', fill(words.more, { habit }));
  const enter = (value) => {
    if (Number.isFinite(value) && value >= 0) tap(root, memory, i, day(), 'value', value);
  };
  const by = (sign) => () => enter(Math.max(0, (Number(field.value) || 0) + sign * targetOn(row, day()).step));
  less.onclick = by(-1);
  plus.onclick = by(1);
  field.onchange = () => (field.value === '' ? tap(root, memory, i, day(), 'untick') : enter(Number(field.value)));
  box.append(less, field, plus, make('span', 'of', targetOn(row, day()).words));
  return box;
}

// --- what a row can do besides

function toggle(root, memory, i) {
  const { id } = memory.board.rows[i];
  memory.open = memory.open === id ? null : id;
  memory.day ??= Math.max(memory.board.now, 0);
  root.querySelectorAll('.panel').forEach((panel) => panel.remove());
  if (memory.open !== null) root.querySelectorAll('.row')[i].append(buildPanel(root, memory, i));
  paint(root, memory);
}

function buildPanel(root, memory, i) {
  const { name: habit, target } = memory.board.rows[i];
  const { words } = memory.data;
  const panel = make('div', 'panel');
  panel.onkeydown = (event) => {
    if (event.key !== 'Escape') return;
    root.querySelectorAll('.row')[i].querySelector('.more').focus(); // first: a note that is being written is kept by it
    toggle(root, memory, i);
  };
  const days = make('div', 'days');
  days.setAttribute('role', 'group');
  days.setAttribute('aria-label', fill(words.whichDay, { habit }));
  memory.board.days.forEach((day, j) => {
    const chip = make('button', 'chip', `${day.short} ${day.number}`);
    chip.onclick = () => { memory.day = j; panel.querySelector('.note').value = cellNow(memory, i, j).note; paint(root, memory); };
    days.append(chip);
  });
  panel.append(days, make('p', 'state'));
  if (target) panel.append(stepper(root, memory, i, () => memory.day));
  const acts = make('div', 'acts');
  const act = (className, run) => { const button = make('button', `act ${className}`); button.onclick = run; acts.append(button); return button; };
  act('skip', () => tap(root, memory, i, memory.day, cellNow(memory, i, memory.day).s === 'skip' ? 'unskip' : 'skip'));
  act('clear', () => tap(root, memory, i, memory.day, 'untick')).textContent = words.clear;
  act('edit', () => {
    root.querySelectorAll('.row')[i].querySelector('.more').focus(); // the form gives the focus back to where it came from
    tap(root, memory, i, Math.max(memory.board.now, 0), 'edit');
    toggle(root, memory, i);
  }).textContent = words.edit;
  panel.append(noteField(root, memory, i), acts);
  return panel;
}

function noteField(root, memory, i) {
  const { words } = memory.data;
  const label = make('label', 'noted', memory.board.rows[i].ask ? words.noteAsked : words.note);
  const note = make('input', 'note');
  note.type = 'text';
  note.maxLength = 2000;
  note.placeholder = words.noteHint;
  note.value = cellNow(memory, i, memory.day).note;
  note.onchange = () => tap(root, memory, i, memory.day, 'note', note.value);
  label.append(note);
  return label;
}

// --- painting

function paint(root, memory) {
  const lines = root.querySelectorAll('.row');
  memory.board.rows.forEach((_, i) => paintRow(memory, lines[i], i, root));
}

function paintRow(memory, line, i, root) {
  const { rows, now } = memory.board;
  const row = rows[i];
  const { words } = memory.data;
  line.style.setProperty('--c', row.color);
  line.setAttribute('aria-label', row.name);
  write(line.querySelector('.icon'), row.icon);
  const name = line.querySelector('.name');
  write(name, row.name);
  name.title = fill(words.itsPage, { habit: row.name });
  write(line.querySelector('.hint'), row.hint);
  line.classList.toggle('done', now >= 0 && cellNow(memory, i, now).s === 'done');
  const streak = line.querySelector('.streak');
  write(streak, row.badge);
  streak.title = row.streak;
  streak.classList.toggle('cold', row.cold);
  line.querySelectorAll('.cell').forEach((cell, j) => paintCell(memory, cell, i, j));
  paintStepper(root, line.querySelector(':scope > .stepper'), () => cellNow(memory, i, now), () => targetOn(row, now));
  const more = line.querySelector('.more');
  more.setAttribute('aria-label', fill(words.moreFor, { habit: row.name }));
  more.setAttribute('aria-expanded', memory.open === row.id);
  paintPanel(root, memory, line.querySelector('.panel'), i);
}

function paintCell(memory, node, i, j) {
  const { rows, days, now } = memory.board;
  const cell = cellNow(memory, i, j);
  const { words } = memory.data;
  const said = cell.v === null ? words.states[cell.s] : `${written(cell.v, words)} ${targetOn(rows[i], j)?.unit ?? ''}`.trim();
  node.setAttribute('aria-checked', cell.s === 'done');
  node.setAttribute('aria-label', `${rows[i].name}, ${days[j].long}`);
  node.title = `${days[j].long}: ${said}${cell.note ? ` · ${cell.note}` : ''}`;
  node.disabled = cell.s === 'x';
  node.className = `cell ${cell.s}${j === now ? ' now' : ''}${cell.note ? ' noted' : ''}${node.classList.contains('pop') ? ' pop' : ''}`;
  const shown = cell.v === null ? cell.s : written(cell.v, words);
  if (node.dataset.shown === shown) return;
  node.dataset.shown = shown;
  node.style.setProperty('--n', shown.length);
  node.innerHTML = cell.s === 'done' && cell.v === null ? TICK : '';
  if (cell.v !== null) node.textContent = shown;
}

function paintStepper(root, box, cell, target) {
  if (box) write(box.querySelector('.of'), target().words);
  const field = box?.querySelector('input');
  if (field) field.placeholder = 'least' in target() ? '0' : '';
  if (field && root.getRootNode().activeElement !== field) field.value = cell().v ?? '';
}

function paintPanel(root, memory, panel, i) {
  if (!panel) return;
  const cell = cellNow(memory, i, memory.day);
  const { days } = memory.board;
  const { words } = memory.data;
  panel.querySelectorAll('.chip').forEach((chip, j) => {
    chip.setAttribute('aria-pressed', j === memory.day);
    chip.disabled = memory.board.rows[i].cells[j].s === 'x';
  });
  const reached = cell.v === null ? words.states[cell.s] : `${written(cell.v, words)} ${targetOn(memory.board.rows[i], memory.day)?.unit ?? ''}`.trim();
  panel.querySelector('.state').textContent = `${days[memory.day].long}: ${reached}`;
  panel.querySelector('.skip').textContent = cell.s === 'skip' ? words.unskip : memory.day === memory.board.now ? words.skipToday : words.skip;
  panel.querySelector('.clear').disabled = cell.s !== 'done' && cell.s !== 'part';
  panel.querySelector('.skip').disabled = cell.s === 'x';
  panel.querySelector('.note').disabled = cell.s !== 'done' && cell.s !== 'part' && cell.s !== 'skip';
  paintStepper(root, panel.querySelector('.stepper'), () => cell, () => targetOn(memory.board.rows[i], memory.day));
}
