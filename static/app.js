// Small comforts over pages that work without them. Each behaviour stands alone; none is needed to finish a task.

// The device's time zone, so that a guest's first page can show their own times (R-TZ-2).
function rememberZone() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `tz=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

// After a refused form, reading starts at the summary of what to fix (R-HX-4).
function focusErrorSummary(root) {
  const summary = root.querySelector("#error-summary");
  if (!summary) return;
  summary.focus();
}

// A link of the summary leads into the control itself, label in view (R-FORM-2).
function followErrorLink(event) {
  const link = event.target.closest("#error-summary a[href^='#']");
  const control = link && document.getElementById(link.hash.slice(1));
  if (!control) return;
  event.preventDefault();
  const label = document.querySelector(`label[for="${CSS.escape(control.id)}"]`) || control;
  label.scrollIntoView({ block: "center" });
  control.focus({ preventScroll: true });
}

// A pressed button says so and can't be pressed twice; the server recognises a second press anyway (R-HX-5).
function markBusy(event) {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(markReady, 8000);
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-disabled", "true");
  if (!button.dataset.busy) return;
  button.dataset.words = button.innerHTML;
  button.style.minInlineSize = `${button.offsetWidth}px`;
  button.textContent = button.dataset.busy;
}

// Coming back with the browser's own button finds forms ready to be sent again.
function markReady() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled='true']")) {
      button.removeAttribute("aria-disabled");
      if (button.dataset.words) button.innerHTML = button.dataset.words;
    }
  }
}

// A link with data-opens="<id of a dialog on this page>" opens it; without script it leads to the page of the same form.
function openDialog(event) {
  const opener = event.target.closest("[data-opens]");
  const dialog = opener && document.getElementById(opener.dataset.opens);
  if (!dialog || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  dialog.showModal();
  dialog.querySelector("[tabindex='-1']").focus();
  dialog.addEventListener("close", () => opener.focus(), { once: true });
}

// A menu closes on Escape (back to its button), on a press elsewhere and when focus leaves it (R-A11Y-10).
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.more[open]")) {
    if (event.type === "keydown" ? event.key !== "Escape" : menu.contains(event.target)) continue;
    menu.open = false;
    if (event.type === "keydown") menu.querySelector("summary").focus();
  }
}

// A select with data-sends sends its form at once; its button stays for everybody else.
function sendOnChange(event) {
  const control = event.target.closest("[data-sends]");
  if (control) control.form.requestSubmit();
}

// Waiting shows after 300 ms, is said after 8 s, and old content stays until new content is there (ux.md 2.0).
const waiting = new Map();
function showWaiting(event) {
  const { xhr, target } = event.detail;
  waiting.set(xhr, [
    setTimeout(() => target.setAttribute("aria-busy", "true"), 300),
    setTimeout(() => say("Still working…"), 8000),
  ]);
}
function stopWaiting(event) {
  const { xhr, target, successful } = event.detail;
  for (const timer of waiting.get(xhr) || []) clearTimeout(timer);
  waiting.delete(xhr);
  target.removeAttribute("aria-busy");
  if (successful && said && announcer().textContent === said) say("");
}

// What could not be fetched is said once, visibly, and stays until something works again (ux.md 2.0).
const TROUBLE = {
  "htmx:sendError": "You seem to be offline. Nothing was sent.",
  "htmx:timeout": "That took too long. Please try again.",
  "htmx:responseError": "That did not work. Please try again.",
};
function sayTrouble(event) {
  say(TROUBLE[event.type], "notice error afloat");
}
let said = "";
function say(words, look = "vh") {
  said = words;
  announcer().className = look;
  announcer().textContent = words;
}
function announcer() {
  return document.getElementById("announce");
}

// A page that nobody looks at asks for nothing (R-HX-6).
function restWhileHidden(event) {
  if (document.hidden && event.target.getAttribute("hx-trigger")?.startsWith("every")) event.preventDefault();
}

rememberZone();
focusErrorSummary(document);
document.addEventListener("click", followErrorLink);
document.addEventListener("click", openDialog);
document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("focusin", closeMenus);
document.addEventListener("change", sendOnChange);
document.addEventListener("submit", markBusy);
addEventListener("pageshow", markReady);
document.addEventListener("htmx:afterSwap", (event) => focusErrorSummary(event.target));
document.addEventListener("htmx:beforeRequest", restWhileHidden);
document.addEventListener("htmx:beforeRequest", showWaiting);
document.addEventListener("htmx:afterRequest", stopWaiting);
for (const trouble of Object.keys(TROUBLE)) document.addEventListener(trouble, sayTrouble);
