/**
 * Measures what a view shows, as it is seen: colours composited, sizes after scaling, boxes in pixels of the page.
 * An expression: a function of the view's element that returns the asked part of what can be measured.
 */
(root, what) => {
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const CLEAR = { r: 0, g: 0, b: 0, a: 0 };

  /** Any CSS colour as red, green, blue and alpha. */
  function color(css) {
    const rgb = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(css);
    if (rgb) return { r: +rgb[1], g: +rgb[2], b: +rgb[3], a: +(rgb[4] ?? 1) };
    if (css === "none" || css === "") return CLEAR;
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
    return { r, g, b, a: a / 255 };
  }

  const over = (top, below) => ({
    r: top.r * top.a + below.r * (1 - top.a),
    g: top.g * top.a + below.g * (1 - top.a),
    b: top.b * top.a + below.b * (1 - top.a),
    a: 1,
  });

  const parentOf = (node) => (node.parentNode instanceof ShadowRoot ? node.parentNode.host : node.parentElement);

  function opacity(element) {
    let all = 1;
    for (let node = element; node; node = parentOf(node)) all *= Number(getComputedStyle(node).opacity);
    return all;
  }

  const faded = (css, element) => {
    const full = color(css);
    return { ...full, a: full.a * opacity(element) };
  };

  /** What is seen behind the contents of an element. */
  function backdrop(element) {
    const layers = [];
    for (let node = element; node; node = parentOf(node)) {
      const box = node instanceof SVGTextElement ? node.parentElement.querySelector("rect") : null;
      if (box) layers.push(faded(getComputedStyle(box).fill, box));
      layers.push(faded(getComputedStyle(node).backgroundColor, node));
    }
    const dark = matchMedia("(prefers-color-scheme: dark)").matches;
    const canvas = dark ? { r: 18, g: 18, b: 18, a: 1 } : { r: 255, g: 255, b: 255, a: 1 };
    return layers.reverse().reduce((below, top) => over(top, below), canvas);
  }

  function luminance({ r, g, b }) {
    const linear = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  }

  function ratio(css, element, behind) {
    const [one, two] = [luminance(over(faded(css, element), behind)), luminance(behind)];
    return (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
  }

  function isSeen(element) {
    const style = getComputedStyle(element);
    if (style.visibility !== "visible" || element.getClientRects().length === 0) return false;
    for (let node = element; node && node !== root; node = parentOf(node)) {
      const { clipPath, opacity } = getComputedStyle(node);
      if (clipPath.startsWith("inset(50%") || Number(opacity) === 0) return false;
    }
    return true;
  }

  const all = (selector) => [...root.querySelectorAll(selector)].filter(isSeen);
  const boxOf = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom };
  };
  /** How much larger than laid out an element is drawn. */
  const scaleOf = (element) => {
    if (element instanceof SVGElement) return element.getScreenCTM().a;
    const card = element.closest("[data-node]");
    return card ? card.getBoundingClientRect().height / Number.parseFloat(getComputedStyle(card).height) : 1;
  };

  function texts() {
    const found = [];
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || element.tagName === "STYLE" || !isSeen(element)) continue;
      const style = getComputedStyle(element);
      const css = element instanceof SVGElement ? style.fill : style.color;
      found.push({
        text: node.data.trim(),
        size: Number.parseFloat(style.fontSize) * scaleOf(element),
        ratio: ratio(css, element, backdrop(element)),
      });
    }
    return found;
  }

  /** Borders, lines and fills that say something, each as [what, colour, behind it]. */
  function graphics() {
    const style = (element) => getComputedStyle(element);
    const bright = (selector) => all(selector).filter((element) => !element.closest(".agw-dim"));
    const shape = (what, property) => (element) => [what, style(element)[property], element, backdrop(element)];
    const box = (what, property) => (element) => [what, style(element)[property], element, backdrop(parentOf(element))];
    return [
      ...all("[data-node]:not([data-kind=constant])").map(box("card", "borderTopColor")),
      ...bright(".agw-line").map(shape("line", "stroke")),
      // A hollow head is seen by its outline; a number of a preview has none around it.
      ...bright(".agw-head").map(shape("arrowhead", root.matches("[data-preview]") ? "stroke" : "fill")),
      ...(root.matches("[data-preview]") ? [] : bright(".agw-edge-label-box").map(shape("pill", "stroke"))),
      ...all(".agw-bar-of-stack, .agw-key").map(box("bar of a stack", "borderTopColor")),
    ].map(([what, css, element, behind]) => ({ what, ratio: ratio(css, element, behind) }));
  }

  const targets = () =>
    all("button")
      .concat([...root.querySelectorAll("input")].filter((input) => input.getClientRects().length > 0))
      .map((element) => ({
        what: element.getAttribute("aria-label") ?? element.closest("label, button")?.textContent ?? element.type,
        height: (element.closest("label") ?? element).getBoundingClientRect().height,
      }));

  const cards = () =>
    Object.fromEntries([...root.querySelectorAll("[data-node]")].map((card) => [card.dataset.node, boxOf(card)]));

  /** By node the card that it is in, which has rows for leaves. */
  const holders = () =>
    Object.fromEntries(
      [...root.querySelectorAll("[data-node]")].map((node) => [node.dataset.node, boxOf(node.closest(".agw-card") ?? node)]),
    );

  const edges = () =>
    [...root.querySelectorAll("[data-edge]")].map((edge) => {
      const path = edge.querySelector("path");
      const length = path.getTotalLength();
      const toScreen = path.getScreenCTM();
      const points = Array.from({ length: 101 }, (_, i) => {
        const { x, y } = path.getPointAtLength((length * i) / 100).matrixTransform(toScreen);
        return { x, y };
      });
      const pill = [...edge.querySelectorAll("rect")].filter(isSeen).map(boxOf)[0] ?? null;
      return { id: edge.dataset.edge, points, pill };
    });

  /** Texts of cards that are cut off. */
  const clipped = () =>
    all("[data-node] *")
      .filter((element) => element.scrollWidth > element.clientWidth && element.clientWidth > 0)
      .filter((element) => getComputedStyle(element).overflowX !== "visible")
      .map((element) => element.textContent);

  /** How many parts with cards in them have more in them than they show. */
  const scrolls = () =>
    [...root.querySelectorAll("*")].filter(
      (element) =>
        element.querySelector("[data-node]") &&
        /auto|scroll|hidden/.test(getComputedStyle(element).overflowX) &&
        (element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight),
    ).length;

  return { texts, graphics, targets, cards, holders, edges, clipped, scrolls }[what]();
};
