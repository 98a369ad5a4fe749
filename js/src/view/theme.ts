/** Light or dark: what the host shows behind us decides, whichever way it says so. */

import { setAttribute } from "./dom.ts";

const darkness = () => matchMedia("(prefers-color-scheme: dark)");

/** Keep `data-theme` on an element right. Returns what ends it. */
export function followTheme(element: HTMLElement): () => void {
  const system = darkness();
  const apply = () => setAttribute(element, "data-theme", isDark(element) ? "dark" : "light");
  // Hosts switch by an attribute or a class of the body or the root; some load a style sheet a moment later.
  const follow = () => {
    apply();
    requestAnimationFrame(apply);
    setTimeout(apply, 300);
  };
  const observer = new MutationObserver(follow);
  for (const node of [document.documentElement, document.body]) observer.observe(node, { attributes: true });
  system.addEventListener("change", apply);
  follow();
  return () => {
    observer.disconnect();
    system.removeEventListener("change", apply);
  };
}

function isDark(element: Element): boolean {
  for (let node = around(element); node; node = around(node)) {
    const light = luminance(getComputedStyle(node).backgroundColor);
    if (light !== undefined) return light < 0.4;
  }
  return darkness().matches;
}

/** The element around another; around a shadow root, its host. */
function around(element: Element): Element | undefined {
  return element.parentElement ?? (element.getRootNode() as ShadowRoot).host;
}

/** Relative luminance, roughly; undefined for what can be seen through, or is in no page yet and has no colour. */
function luminance(color: string): number | undefined {
  const [r, g, b, alpha = 1] = (color.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  return alpha < 0.5 ? undefined : (0.2126 * r! + 0.7152 * g! + 0.0722 * b!) / 255;
}
