// Text that leaves the screen to a side, or that a box cuts off which shows no more of it; and text on other text.
// Scroll containers, what is meant for the ear alone and what ends in an ellipsis are left out.
() => {
  const found = [], lines = [];
  const wide = document.documentElement.clientWidth;
  const said = (node) => node.textContent.trim().replace(/\s+/g, ' ').slice(0, 60);
  const up = (node) => node.parentElement ?? node.getRootNode().host ?? null;
  const boxes = new Map();
  const known = (at) => {  // many texts stand in one box: it is looked at once
    if (!boxes.has(at)) {
      const style = getComputedStyle(at), area = at.getBoundingClientRect();
      const isHidden = style.clipPath !== 'none' || area.width <= 1 || area.height <= 1 || at.getAttribute('aria-hidden') === 'true';
      boxes.set(at, {
        area,
        isFloating: ['fixed', 'sticky'].includes(style.position) || Boolean(at.closest('[data-testid=stPopoverBody]')),
        isQuiet: isHidden || style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none',
        isScrolling: ['auto', 'scroll'].includes(style.overflowX) && at.dataset.testid !== 'stMain' && at.scrollWidth > at.clientWidth,
        isCutting: ['hidden', 'clip'].includes(style.overflowX),
      });
    }
    return boxes.get(at);
  };
  const look = (root) => {
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      if (node.nodeType === 1) { if (node.shadowRoot) look(node.shadowRoot); continue; }
      if (!node.textContent.trim()) continue;
      const box = node.parentElement;
      if (!box || ['STYLE', 'SCRIPT', 'NOSCRIPT', 'TITLE'].includes(box.tagName)) continue;
      if (!box.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const rects = [...range.getClientRects()].filter((one) => one.width > 1 && one.height > 1);
      if (!rects.length) continue;
      let cut = null, scrolls = false, floats = false, quiet = false;
      for (let at = box; at && at !== document.body; at = up(at)) {
        const { area, isFloating, isQuiet, isScrolling, isCutting } = known(at);
        floats ||= isFloating;
        quiet ||= isQuiet;
        scrolls ||= isScrolling;
        if (isCutting && !scrolls) {
          for (const one of rects) {
            if (one.right > area.right + 2 || one.left < area.left - 2) cut = 'cut at the side';
            if (one.bottom > area.bottom + one.height / 3 || one.top < area.top - one.height / 3) cut = 'cut above or below';
          }
        }
      }
      if (quiet) continue;
      if (cut) found.push(`${cut}: ${said(node)}`);
      if (!scrolls && rects.some((one) => one.right > wide + 1 || one.left < -1)) found.push(`beyond the screen: ${said(node)}`);
      if (!floats && !scrolls) rects.forEach((one) => lines.push([one, node]));
    }
  };
  look(document.body);
  lines.sort(([one], [other]) => one.top - other.top);
  lines.forEach(([one, node], n) => {
    for (let k = n + 1; k < lines.length && lines[k][0].top < one.bottom - 3; k += 1) {
      const [two, other] = lines[k];
      if (node === other) continue;
      const high = Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top);
      const broad = Math.min(one.right, two.right) - Math.max(one.left, two.left);
      if (broad > 2 && high > Math.min(one.height, two.height) * 0.45) found.push(`one on the other: ${said(node)} | ${said(other)}`);
    }
  });
  for (const box of [document.scrollingElement, document.querySelector('[data-testid=stMain]')]) {
    if (box && box.scrollWidth > box.clientWidth + 1) found.push(`scrolls to the side by ${box.scrollWidth - box.clientWidth}`);
  }
  return [...new Set(found)];
}
