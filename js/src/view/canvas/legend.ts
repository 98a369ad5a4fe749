/** The legend: which way values flow, and which way gradients do, or would. */

import type { Direction } from "../../layout/index.ts";
import type { State } from "../../session/state.ts";
import { h, setText } from "../dom.ts";

/** Arrows of values and of gradients, whose head is hollow in a preview. */
const ARROWS = { LR: ["→", "←", "◁"], TB: ["↓", "↑", "△"], BT: ["↑", "↓", "▽"] } as const;

export class Legend {
  readonly element: HTMLElement;
  readonly #state: State;
  readonly #direction: Direction;
  readonly #gradients = h("span", "");

  constructor(state: State, direction: Direction) {
    this.#state = state;
    this.#direction = direction;
    const [values] = state.messages.flow(direction);
    this.element = h("div", "legend", {}, `${values} ${ARROWS[direction][0]}`, h("br", ""), this.#gradients);
    this.update();
  }

  update(): void {
    const { messages, isPreview } = this.#state;
    const [, back, would] = ARROWS[this.#direction];
    const words = isPreview ? messages.wouldFlow(this.#direction) : messages.flow(this.#direction)[1];
    setText(this.#gradients, `${isPreview ? would : back} ${words}`);
  }
}
