// Today before Streamlit stands: the same grid over the page, from what came with the page. When Streamlit's own grid
// is drawn below it, it gives way, and hands on what was being done. GRID is the grid's frame and its style sheet.

const GIVE_UP_MS = 2000; // after the script has run to its end without a grid: something else is to be seen
const LOOK_MS = 250;
const UNSEEN_MS = 300;
const AFTER_FINGER_MS = 60; // a click comes after its finger was lifted

function paintFirst(view, data) {
  const below = document.getElementById('root');
  const frame = document.getElementById('first_grid').attachShadow({ mode: 'open' });
  const sheet = make('style', '', GRID.css);
  frame.innerHTML = GRID.html;
  frame.prepend(sheet);
  let wish = null; // a habit to be edited or looked at, which needs Streamlit
  let fingers = 0; // that are down, or have just been lifted
  let waiting = null;
  const leaveGrid = drawGrid({
    data, parentElement: frame, setTriggerValue: () => {},
    setStateValue: (_, taps) => { wish = taps.at(-1) ?? wish; },
  });
  view.hidden = false;
  below.inert = true;

  const hold = () => { fingers += 1; };
  const release = () => { setTimeout(() => { fingers = Math.max(0, fingers - 1); if (waiting) leave(waiting); }, AFTER_FINGER_MS); };
  view.addEventListener('pointerdown', hold);
  ['pointerup', 'pointercancel'].forEach((name) => window.addEventListener(name, release));

  function leave(takeOver) {
    if (fingers) { waiting = takeOver; return; }
    waiting = null;
    window.__xpFirstPaint = undefined;
    clearInterval(looking);
    ['pointerup', 'pointercancel'].forEach((name) => window.removeEventListener(name, release));
    const root = frame.querySelector('#grid');
    const { open, day } = memories.get(root);
    const left = { open, day, focus: [...controls(root)].indexOf(frame.activeElement), wish };
    frame.activeElement?.blur(); // what is typed into a note is kept by it
    const { scrollTop } = view;
    leaveGrid();
    view.remove();
    document.getElementById('first_sheet').remove();
    below.inert = false;
    document.querySelector('.stMain')?.scrollTo(0, scrollTop);
    takeOver(left);
  }

  let since = 0;
  const looking = setInterval(() => {
    const hasRun = document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning';
    since = hasRun ? since + LOOK_MS : 0;
    if (since >= GIVE_UP_MS) leave(() => {});
  }, LOOK_MS);
  window.__xpFirstPaint = { leave };
}

// Streamlit's own styles and scripts, put aside by first_paint.py, are for after this is on the screen; or for after a
// moment, where nothing is shown (a tab behind).
function startStreamlit() {
  const start = () => document.head.append(document.getElementById('streamlit').content); // the second time it is empty
  requestAnimationFrame(() => setTimeout(start));
  setTimeout(start, UNSEEN_MS);
}

try {
  paintFirst(document.getElementById('first_paint'), JSON.parse(document.getElementById('first_data').textContent));
} finally {
  startStreamlit();
}
