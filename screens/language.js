// Names the page's language, and says in it what Streamlit says of its own controls in English: to those who hear them,
// and below fields. What a person has typed is no control's name and is left alone.

const NAMED = 'button, [role=spinbutton], [role=group], [role=dialog], [role=listbox], [role=application], [role=grid]';
const SAID = '[data-testid=stSkipToContent], [data-testid=InputInstructions] *, [data-testid=stSelectboxVirtualDropdown] [role=option] > span,'
  + ' [data-testid=stDateInputCalendar] h2, [data-testid=stDateInputCalendar] > span,'
  + ' [data-testid=stDateInputField] [role=spinbutton], [role=alert]:not([data-testid=stHtml] *),'
  + ' [data-testid=stDateInputQuickSelect] :is(div, button), [data-testid=stDateInputQuickSelectPopover] [role=option],'
  + ' [data-live-announcer] *, [id^=react-aria-description]';

const ICON = '[data-testid=stMarkdownContainer] [role=img][aria-label$=" icon"]'; // a picture beside the words of a choice
const BANNER = '[data-testid=stDateInputCalendar] header'; // a calendar's head: there is one banner, the page's

const named = new Map(); // attribute: the elements whose it may be
named.set('aria-label', NAMED).set('aria-valuetext', '[role=spinbutton]').set('placeholder', 'input, textarea');

function translator({ language, names }) {
  const months = [...Array(12).keys()].map((n) => {
    const inMonth = (said, form) => new Date(2000, n, 1).toLocaleDateString(said, { month: form });
    return [inMonth('en', 'long'), inMonth(language, 'long')];
  });
  const dated = (words) => words
    .replace(/([A-Z][a-z]+) (\d\d), (\d{4})/g, (day) => new Date(day).toLocaleDateString(language, { dateStyle: 'long' }))
    .replace(/^(\d+) – ([A-Z][a-z]+)$/, (_, n, month) => `${n} – ${(months.find(([said]) => said === month) ?? [0, month])[1]}`);
  const literal = (words) => words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const pattern = (from) => from.split(/\{(\w+)\}/).map((part, n) => (n % 2 ? `(?<${part}>.+)` : literal(part))).join('');
  const said = names.map(([from, to]) => [new RegExp(`^${pattern(from)}$`, 's'), to]);
  return (words) => {
    for (const [pattern, to] of said) {
      const found = pattern.exec(words);
      if (found) return to.replace(/\{(\w+)\}/g, (_, slot) => dated(found.groups[slot]));
    }
    return dated(words);
  };
}

// What Streamlit said and what was said instead, of an attribute's element or of a text: said anew in another language.
const instead = new WeakMap();

function saidAnew(one, attribute, before, said) {
  const known = instead.get(one) ?? {};
  const [from] = known[attribute]?.[1] === before ? known[attribute] : [before];
  const after = said(from);
  if (after !== from) instead.set(one, { ...known, [attribute]: [from, after] });
  return after;
}

function rename(root, said) {
  if (root.closest('[data-testid=stHtml]')) return;
  const all = (selector) => [...(root.matches(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  named.forEach((selector, attribute) => all(`:is(${selector})[${attribute}]`).forEach((one) => {
    const before = one.getAttribute(attribute), after = saidAnew(one, attribute, before, said);
    if (after !== before) one.setAttribute(attribute, after);
  }));
  all(SAID).forEach((one) => one.childNodes.forEach((node) => {
    if (node.nodeType !== Node.TEXT_NODE) return;
    const after = saidAnew(node, 'data', node.data, said);
    if (after !== node.data) node.data = after;
  }));
  all(ICON).forEach((one) => one.setAttribute('aria-hidden', 'true'));
  all(BANNER).forEach((one) => one.setAttribute('role', 'none'));
}

export default ({ data }) => {
  document.documentElement.lang = data.language;
  const said = data.names.length ? translator(data) : (words) => words;
  window.__xpNaming?.disconnect(); // two of them would name everything in turn, for ever
  const observer = new MutationObserver((changes) => {
    const changed = new Set(changes.flatMap(({ type, target, addedNodes }) => (
      type === 'attributes' ? [target] : type === 'characterData' ? [target.parentElement] : [...addedNodes]
        .map((node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node))
    )));
    changed.forEach((one) => one instanceof Element && one.isConnected && rename(one, said));
  });
  const all = { childList: true, subtree: true, characterData: true, attributeFilter: [...named.keys()] };
  window.__xpNaming = observer;
  rename(document.body, said);
  observer.observe(document.body, all);
  return () => observer.disconnect();
};
