// Which texts axe is to judge by their contrast: of those that look the same, the first two and the last.
window.texts = () => {
  // All that decides about the contrast of a text, or about whether and where it is painted.
  const LOOKS = [
    "color", "backgroundColor", "backgroundImage", "opacity", "fontSize", "fontWeight", "textShadow", "filter", "mixBlendMode",
    "position", "zIndex", "display", "visibility", "float", "textIndent", "clipPath", "boxShadow", "webkitTextStrokeWidth",
  ];
  const FIELDS = "input, select, textarea, button";
  const signs = new Map(), numbers = new Map(), alike = new Map();

  // The same number for elements that look the same and whose parents do, up to the root.
  function sign(element) {
    if (!element) return 0;
    if (!signs.has(element)) {
      const style = getComputedStyle(element);
      const looks = `${sign(element.parentElement)}|${element.inert}|${LOOKS.map((name) => style[name]).join("|")}`;
      if (!numbers.has(looks)) numbers.set(looks, numbers.size + 1);
      signs.set(element, numbers.get(looks));
    }
    return signs.get(element);
  }

  for (const element of document.body.querySelectorAll("*")) {
    const speaks = element.matches(FIELDS) || [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!speaks) continue;
    const before = getComputedStyle(element, "::before"), after = getComputedStyle(element, "::after");
    const key = [sign(element), element.disabled, before.content, before.backgroundColor, after.content, after.backgroundColor];
    alike.set(String(key), [...(alike.get(String(key)) ?? []), element]);
  }
  return [...alike.values()].flatMap((group) => [...group.slice(0, 2), ...group.slice(2).slice(-1)]);
};
