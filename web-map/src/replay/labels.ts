/** Which plates can be read at once: the first ones win, and none stands on another. */
export interface Label {
  x: number;
  y: number;
  width: number;
}

const HEIGHT_PX = 20;
const GAP_PX = 2;

/** The numbers of the labels that are shown, out of those in the order of their importance. */
export function readable(
  labels: readonly Label[],
  width: number,
  height: number,
  most: number,
): number[] {
  const shown: number[] = [];
  for (const [index, label] of labels.entries()) {
    if (shown.length >= most) break;
    const isInside =
      label.x + label.width / 2 > 0 &&
      label.x - label.width / 2 < width &&
      label.y > -HEIGHT_PX &&
      label.y < height;
    if (!isInside) continue;
    if (shown.every((other) => !covers(labels[other] as Label, label))) shown.push(index);
  }
  return shown;
}

function covers(a: Label, b: Label): boolean {
  return (
    Math.abs(a.x - b.x) < (a.width + b.width) / 2 + GAP_PX &&
    Math.abs(a.y - b.y) < HEIGHT_PX + GAP_PX
  );
}
