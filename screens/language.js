// Names the page's language, and says in it what Streamlit says of its own controls in English: to those who hear them,
// and below fields. What a person has typed is no control's name and is left alone.

const NAMED = 'button, [role=spinbutton], [role=group], [role=dialog], [role=application], [role=grid]';
const SAID = '[data-testid=InputInstructions] *, [data-testid=stSelectboxVirtualDropdown] [role=option] > span,'
  + ' [data-testid=stDateInputCalendar] h2, [data-testid=stDateInputField] [role=spinbutton],'
  + ' [data-live-announcer] *, [id^=react-aria-description]';

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
  return (words) => {
    for (const [from, to] of names) {
      const [head, tail] = from.split('{what}');
      if (tail === undefined) {
        if (words === from) return to;
      } else if (words.length > head.length + tail.length && words.startsWith(head) && words.endsWith(tail)) {
        const what = words.slice(head.length, words.length - tail.length);
        return to.replace('{what}', () => dated(what));
      }
    }
    return dated(words);
  };
}

function rename(root, said) {
  if (root.closest('[data-testid=stHtml]')) return;
  const all = (selector) => [...(root.matches(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  named.forEach((selector, attribute) => all(`:is(${selector})[${attribute}]`).forEach((one) => {
    const before = one.getAttribute(attribute), after = said(before);
    if (after !== before) one.setAttribute(attribute, after);
  }));
  all(SAID).forEach((one) => one.childNodes.forEach((node) => {
    if (node.nodeType !== Node.TEXT_NODE) return;
    const after = said(node.data);
    if (after !== node.data) node.data = after;
  }));
}

export default ({ data }) => {
  document.documentElement.lang = data.language;
  const skip = document.querySelector('[data-testid=stSkipToContent]');
  if (skip) skip.textContent = data.skip;
  if (!data.names.length) return undefined;
  const said = translator(data);
  const observer = new MutationObserver((changes) => {
    const changed = new Set(changes.flatMap(({ type, target, addedNodes }) => (
      type === 'attributes' ? [target] : type === 'characterData' ? [target.parentElement] : [...addedNodes]
        .map((node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement : node))
    )));
    changed.forEach((one) => one instanceof Element && one.isConnected && rename(one, said));
  });
  const all = { childList: true, subtree: true, characterData: true, attributeFilter: [...named.keys()] };
  rename(document.body, said);
  observer.observe(document.body, all);
  return () => observer.disconnect();
};
