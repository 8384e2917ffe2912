/**
 * The plates beside the marks, as elements over the map: they keep up with marks that move in every frame, which names that
 * the map lays out do not.
 */
import { type Label, readable } from './labels';
import type { OnScreen } from './marker-layer';

const MOST = 40;
const BELOW_PX = 14;
const PADDING_PX = 12;

export class PlateLabels {
  private readonly elements = new Map<number, HTMLElement>();
  private readonly widths = new Map<string, number>();
  private readonly pen = document.createElement('canvas').getContext('2d');

  constructor(private readonly host: HTMLElement) {}

  /** `marks` in the order of their importance. */
  show(
    marks: readonly OnScreen[],
    plateOf: (id: number) => string,
    colorOf: (id: number) => number,
    selected: number | null,
  ): void {
    const labels = marks.map(({ id, x, y }): Label => {
      return { x, y: y + BELOW_PX, width: this.widthOf(plateOf(id)) };
    });
    const { clientWidth, clientHeight } = this.host;
    const shown = new Set<number>();
    for (const index of readable(labels, clientWidth, clientHeight, MOST)) {
      const { id } = marks[index] as OnScreen;
      const { x, y, width } = labels[index] as Label;
      shown.add(id);
      const element = this.elementOf(id, plateOf(id), colorOf(id));
      element.classList.toggle('selected', id === selected);
      element.style.transform = `translate(${(x - width / 2).toFixed(1)}px, ${y.toFixed(1)}px)`;
    }
    for (const [id, element] of this.elements) {
      if (shown.has(id)) continue;
      element.remove();
      this.elements.delete(id);
    }
  }

  clear(): void {
    for (const element of this.elements.values()) element.remove();
    this.elements.clear();
  }

  private elementOf(id: number, plate: string, color: number): HTMLElement {
    let element = this.elements.get(id);
    if (element === undefined) {
      element = document.createElement('div');
      element.dataset.vehicle = String(id);
      this.host.append(element);
      this.elements.set(id, element);
    }
    const classes = `replay-plate replay-color-${color}`;
    if (!element.className.startsWith(classes)) element.className = classes;
    if (element.textContent !== plate) element.textContent = plate;
    return element;
  }

  private widthOf(plate: string): number {
    const known = this.widths.get(plate);
    if (known !== undefined) return known;
    if (this.pen) this.pen.font = `600 12px ${getComputedStyle(this.host).fontFamily}`;
    const width = (this.pen?.measureText(plate).width ?? plate.length * 9) + PADDING_PX;
    this.widths.set(plate, width);
    return width;
  }
}
