// A page without its words: pages of one outline differ in nothing that axe judges but what their texts say.
window.outline = () => {
  // What these hold are words, addresses and ids. Whether they hold anything stays in the outline.
  const WORDS = ["alt", "aria-label", "content", "datetime", "href", "name", "placeholder", "title", "value"];
  const NAMES = ["aria-controls", "aria-describedby", "aria-labelledby", "for", "form", "list"];
  const found = (id) => document.querySelectorAll(`[id="${CSS.escape(id)}"]`).length;

  // Django's admin notes there of which model a page, a row or a column is.
  const MODELS = /^(app|model|column|field)-/;

  function attribute(element, { name, value }) {
    if (name === "class") return `class ${value.split(/\s+/).filter((one) => !MODELS.test(one)).sort()}`;
    if (name === "id") return `id ${found(value)}`;
    if (NAMES.includes(name)) return `${name} ${value.split(/\s+/).map(found)}`;
    if (WORDS.includes(name) && !(name === "href" && element.matches("link"))) return `${name} ${value.trim() !== ""}`;
    return `${name}=${value}`;
  }

  function outline(node) {
    if (node.nodeType === 3) return node.data.trim() ? "words" : "";
    if (node.nodeType !== 1 || node.matches("script")) return "";
    const attributes = [...node.attributes].map((one) => attribute(node, one)).sort();
    const parts = [...node.childNodes].map(outline).filter(Boolean);
    // Of rows that are alike, one more or less makes no other page: two stand for all of them.
    const some = parts.filter((part, index) => part !== parts[index - 1] || part !== parts[index - 2]);
    return `<${node.localName} ${attributes}>${some.join("")}</>`;
  }

  return outline(document.documentElement);
};
