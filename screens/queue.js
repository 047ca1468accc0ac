// Taps on their way: each is kept in the page until the server has recorded it, over a cut connection, a reload of the
// page and a restart of the server. It carries an id of its own, so that the server records it once however often it comes.

const KEPT = 'xp-taps';
const WAIT_MS = [500, 1000, 2000, 4000, 8000, 15000]; // between two tries
const ANSWER_MS = 15000; // then the server counts as gone
const AT_ONCE = 200; // taps in one request
const KEEPALIVE_MOST = 60000; // octets that a browser sends on after the page is left
const SAID_FOR_MS = 4000;

const queue = (window.__xpQueue ??= beginQueue());

function beginQueue() {
  const queue = { person: null, taps: [], isFlying: false, isCut: false, failures: 0, timer: 0, wantsLook: false, grid: null, leftAt: 0 };
  const come = () => { queue.wantsLook = true; sendTaps(queue); };
  window.addEventListener('online', come);
  window.addEventListener('focus', come);
  window.addEventListener('offline', () => { queue.isCut = true; sayWire(queue); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) come(); });
  const leave = () => { queue.leftAt = Date.now(); };
  window.addEventListener('popstate', leave);
  document.addEventListener('click', (event) => { if (event.target.closest?.('a[href]')) leave(); }, true);
  queue.others = new BroadcastChannel(KEPT);
  queue.others.onmessage = () => { if (!queue.taps.length) come(); };
  return queue;
}

// The grid that is on the page now: where to send, and what to do with an answer. A new one asks at once how things
// stand: what another tab tapped while this one was being drawn reached nobody here.
function joinQueue(queue, grid) {
  if (queue.grid === grid) return;
  queue.grid = grid;
  if (queue.person !== grid.data.person) {
    queue.person = grid.data.person;
    queue.taps = keptTaps(queue.person);
  }
  queue.wantsLook = true;
  sendTaps(queue);
}

function keptTaps(person) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null');
    return kept?.person === person ? kept.taps : [];
  } catch { // storage is off: what is tapped lives as long as the page
    return [];
  }
}

function keepTaps(queue) {
  try {
    if (queue.taps.length) sessionStorage.setItem(KEPT, JSON.stringify({ person: queue.person, taps: queue.taps }));
    else sessionStorage.removeItem(KEPT);
  } catch { /* as above */ }
}

function pushTap(queue, tap) {
  const id = [...crypto.getRandomValues(new Uint8Array(12))].map((octet) => octet.toString(16).padStart(2, '0')).join('');
  queue.taps.push({ ...tap, id, seq: 0, at: Date.now() });
  keepTaps(queue);
  sendTaps(queue);
  if (queue.isCut) sayWire(queue);
}

async function sendTaps(queue) {
  const { grid } = queue;
  if (queue.isFlying || !grid?.data.route || !(queue.taps.length || queue.wantsLook)) return;
  clearTimeout(queue.timer);
  queue.isFlying = true;
  queue.wantsLook = false;
  const sent = queue.taps.slice(0, AT_ONCE);
  const left = await post(grid, sent);
  queue.isFlying = false;
  if (left.status === 200) {
    const gone = new Set(sent.map((tap) => tap.id));
    queue.taps = queue.taps.filter((tap) => !gone.has(tap.id));
    keepTaps(queue);
    const wasCut = queue.isCut;
    queue.isCut = false;
    queue.failures = 0;
    if (sent.length) queue.others.postMessage('tapped');
    queue.grid?.hear(left.answer, sent);
    if (wasCut) sayWire(queue, queue.taps.length === 0 ? grid.data.words.again : ''); // which the next answer leaves standing
    sendTaps(queue);
  } else if (left.status === 400) { // sent again it would be refused again, and hold up all behind it
    const gone = new Set(sent.map((tap) => tap.id));
    queue.taps = queue.taps.filter((tap) => !gone.has(tap.id));
    keepTaps(queue);
    queue.grid?.hear(null, sent);
  } else {
    queue.isCut = true;
    const { words } = grid.data;
    sayWire(queue, left.status === 401 ? words.signedOut : left.words ? fill(words.refused, { happened: left.words }) : undefined);
    const wait = WAIT_MS[Math.min(queue.failures++, WAIT_MS.length - 1)];
    queue.timer = setTimeout(() => { queue.wantsLook = true; sendTaps(queue); }, wait);
  }
}

async function post(grid, taps) {
  const { person, page, route, today, days } = grid.data;
  const body = JSON.stringify({
    person, page, today, first: days[0].iso, zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    taps: taps.map(({ at, ...tap }) => ({ ...tap, age: Math.max(0, Date.now() - at) })),
  });
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), ANSWER_MS);
  try {
    const answer = await fetch(route, {
      method: 'POST', body, credentials: 'same-origin', redirect: 'manual', signal: patience.signal,
      keepalive: body.length < KEEPALIVE_MOST, headers: { 'Content-Type': 'application/json' },
    });
    const isSaid = answer.status === 503 && answer.headers.get('Content-Type')?.startsWith('text/plain');
    const words = isSaid ? await answer.text() : '';
    return { status: answer.status, answer: answer.ok ? await answer.json() : null, words };
  } catch {
    return { status: 0, answer: null };
  } finally {
    clearTimeout(timer);
  }
}

// A sentence that came with the page (grid.py), with what stands in braces put in.
function fill(sentence, slots) {
  return sentence.replace(/\{(\w+)\}/g, (_, name) => slots[name]);
}

function sayWire(queue, words) {
  if (!queue.grid) return;
  const n = queue.taps.length;
  const said = words ?? (queue.isCut ? fill(queue.grid.data.words.cut[Math.min(n, 2)], { n }) : '');
  queue.grid.say(said);
  clearTimeout(queue.hush);
  if (said && !queue.isCut) queue.hush = setTimeout(() => queue.grid?.say(''), SAID_FOR_MS);
}
