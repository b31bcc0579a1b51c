// What axe-core does not look at, as a list of complaints: size of targets, focus that can be seen, order of tabs,
// movement, and what is told by colour alone where the system forces its own. Press Tab once before.
(() => {
  const complaints = [];
  const named = (e) => `${e.tagName} ${e.className} ${(e.name || e.getAttribute("href") || e.textContent).trim().slice(0, 40)}`;
  const usable = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]")]
    .filter((e) => e.checkVisibility() && !e.matches("main"));

  // WCAG 2.2, 2.5.8: 24 by 24 CSS pixels; a link inside a sentence is exempt, a radio button counts with its label.
  for (const e of usable.filter((e) => !e.matches("pre, .scroll, .skip"))) {
    const box = (e.matches("[type=radio], [type=checkbox]") ? e.closest("label") || e : e).getBoundingClientRect();
    const inSentence = e.matches("a:not(.button)") && [...e.parentElement.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim().length > 2);
    if (!inSentence && (box.width < 24 || box.height < 24)) complaints.push(`small ${box.width.toFixed(0)}x${box.height.toFixed(0)}: ${named(e)}`);
  }

  // 2.4.7 and 1.4.11: what has the focus shows it, by an outline of 2 pixels whose colour is 3 times that behind it.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgba(getComputedStyle(e).backgroundColor);
      if (colour[3] > 250) return colour;
    }
    return [255, 255, 255, 255];
  };
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  for (const e of usable) {
    e.focus();
    if (document.activeElement !== e) complaints.push(`takes no focus: ${named(e)}`);
    const style = getComputedStyle(e);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < 2) complaints.push(`focus unseen: ${named(e)}`);
    else if (ratio(rgba(style.outlineColor), behind(e.parentElement)) < 3) complaints.push(`focus faint: ${named(e)}`);
  }
  document.activeElement.blur();

  // 1.4.11: the border of what is typed into or pressed; 2.4.3: nobody jumps the queue; 2.3.3: nothing moves.
  for (const e of usable.filter((e) => e.matches("input:not([type=radio], [type=checkbox]), select, textarea"))) {
    const style = getComputedStyle(e);
    if (style.borderTopStyle === "none" || ratio(rgba(style.borderTopColor), behind(e.parentElement)) < 3) complaints.push(`border faint: ${named(e)}`);
  }
  for (const e of document.querySelectorAll("[tabindex]")) if (e.tabIndex > 0) complaints.push(`jumps the queue: ${named(e)}`);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (calm && document.getAnimations().length) complaints.push("moves although the reader asked for rest");

  // Where the system forces its colours, a button has its border, and where one stands is not told by colour alone.
  if (matchMedia("(forced-colors: active)").matches) {
    for (const e of usable.filter((e) => e.matches("button, .button"))) {
      const style = getComputedStyle(e);
      if (style.borderTopStyle === "none" || parseFloat(style.borderTopWidth) < 1) complaints.push(`no border: ${named(e)}`);
    }
    const here = document.querySelector("nav [aria-current]");
    const other = document.querySelector("nav a:not([aria-current])");
    if (here && other) {
      const told = (e) => ["textDecorationLine", "borderBottomStyle", "outlineStyle"].map((p) => getComputedStyle(e)[p]).join();
      if (told(here) === told(other)) complaints.push("where one stands is told by colour alone");
    }
  }
  return complaints.length ? complaints : null;
})()
