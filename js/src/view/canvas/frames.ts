/** Open groups on the canvas: a shade behind the items of each and the links between them, and a title that folds it. */

import type { Group, Item } from "../../picture/picture.ts";
import type { State } from "../../session/state.ts";
import { type Box, grown, hullOf, overlaps } from "../box.ts";
import { type Fold, foldButton } from "../card/group.ts";
import { h, s, setAttribute } from "../dom.ts";
import { pathData } from "./paint.ts";
import { boxesOf, boxOf, type Plan } from "./plan.ts";
import { AROUND, insideOf, titlesOf } from "./titles.ts";

/** With more items, a group has no shade. */
const MOST_SHADED = 150;

/** Something that is there while it is in view. */
interface Part {
  readonly box: Box;
  make(): Element;
  made?: Element | undefined;
}

export class Frames {
  readonly shades = s("g", "");
  readonly titles = h("div", "");
  #shades: Part[] = [];
  #titles: Part[] = [];

  /** The groups of another plan. */
  show(state: State, plan: Plan, fold: Fold): void {
    const { picture, direction } = plan;
    this.#shades = state.folds.framed
      .map((group) => insideOf(group, picture))
      // A network is seen to be one by its neurons.
      .filter(
        (inside) => inside.size <= MOST_SHADED && ![...inside].some((item) => isNeuron(picture.items[item]!)),
      )
      .map((inside) => shadeOf(plan, inside));
    this.#titles = titlesOf(state, picture, direction, boxesOf(plan)).map(({ groups, box }) => ({
      box,
      make() {
        const row = h("div", "titles", {}, ...groups.map((group) => titleOf(state, group, fold)));
        row.style.cssText = `transform:translate(${box.x}px,${box.y}px);max-width:${box.width}px`;
        return row;
      },
    }));
    this.shades.replaceChildren();
    this.titles.replaceChildren();
  }

  /** Have elements for what is in a part of the drawing, if any is asked for, and for what has the focus. */
  draw(part: Box | undefined): void {
    keep(this.shades, this.#shades, part);
    keep(this.titles, this.#titles, part);
  }
}

function isNeuron(item: Item): boolean {
  return item.kind === "group" && item.group.neuron !== undefined;
}

function keep(parent: Element, parts: readonly Part[], seen: Box | undefined): void {
  for (const part of parts) {
    const isSeen = (seen && overlaps(part.box, seen)) || part.made?.matches(":focus-within");
    if (isSeen && !part.made) {
      part.made = part.make();
      parent.append(part.made);
    } else if (!isSeen && part.made) {
      part.made.remove();
      part.made = undefined;
    }
  }
}

function titleOf({ folds, messages }: State, group: Group, fold: Fold): HTMLElement {
  const title = folds.title(group);
  const name = foldButton(`− ${title}`, messages.fold(title), true, () => fold(group));
  setAttribute(name, "data-open-group", String(group.id));
  return name;
}

function shadeOf(plan: Plan, inside: ReadonlySet<number>): Part {
  const boxes = [...inside].map((item) => grown(boxOf(plan, item), AROUND));
  return {
    box: hullOf(boxes.flatMap(({ x, y, width, height }) => [x, y, x + width, y + height])),
    make() {
      const isWithin = (link: number) => {
        const { from, to } = plan.picture.links[link]!;
        return inside.has(from) && inside.has(to);
      };
      const paths = plan.layout.routes.filter((_, link) => isWithin(link));
      const rects = boxes.map((box) => s("rect", "", { ...box, rx: 2 * AROUND }));
      return s("g", "shade", {}, ...rects, ...paths.map(({ path }) => s("path", "", { d: pathData(path) })));
    },
  };
}
