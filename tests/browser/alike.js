// Which texts axe is to judge by their contrast: of those that look the same, the first two and the last, and of those that look
// like some that were judged on another page, none. With them comes a number for each look of the page.
window.texts = (judged) => {
  // All that decides about the contrast of a text, or about whether and where it is painted.
  const LOOKS = [
    "color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "textShadow", "filter", "mixBlendMode",
    "position", "zIndex", "display", "visibility", "float", "textIndent", "clipPath", "boxShadow", "webkitTextStrokeWidth",
  ];
  const FIELDS = "input, select, textarea, button";
  const signs = new Map(), alike = new Map(), known = new Set(judged);

  // 53 bits that are the same on every page (cyrb53).
  function number(text) {
    let high = 0xdeadbeef, low = 0x41c6ce57;
    for (let index = 0; index < text.length; index++) {
      high = Math.imul(high ^ text.charCodeAt(index), 2654435761);
      low = Math.imul(low ^ text.charCodeAt(index), 1597334677);
    }
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    return 4294967296 * (2097151 & low) + (high >>> 0);
  }

  // The same number for elements that look the same and whose parents do, up to the root, in the same theme.
  function sign(element) {
    if (!element) return Number(matchMedia("(prefers-color-scheme: dark)").matches);
    if (!signs.has(element)) {
      const style = getComputedStyle(element);
      const looks = LOOKS.map((name) => style[name]).join("|");
      signs.set(element, number(`${sign(element.parentElement)}|${element.inert}|${style.colorScheme}|${looks}`));
    }
    return signs.get(element);
  }

  for (const element of document.body.querySelectorAll("*")) {
    const speaks = element.matches(FIELDS) || [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!speaks) continue;
    const before = getComputedStyle(element, "::before"), after = getComputedStyle(element, "::after");
    const around = [before.content, before.backgroundColor, after.content, after.backgroundColor];
    const key = number(String([sign(element), element.disabled, element.checkVisibility(), ...around]));
    alike.set(key, [...(alike.get(key) ?? []), element]);
  }
  const news = [...alike].filter(([key]) => !known.has(key)).map(([, group]) => group);
  return {
    texts: news.flatMap((group) => [...group.slice(0, 2), ...group.slice(2).slice(-1)]),
    looks: [...alike.keys()],
  };
};
