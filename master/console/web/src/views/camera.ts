import { type Picture, card } from "./picture";

/** What part of a picture is seen: the middle of the view in the picture, and the scale. */
export type Camera = { x: number; y: number; scale: number };
export type View = { width: number; height: number };

/** How much of a node is drawn: a dot, its name, or a card. */
export type Detail = "far" | "middle" | "near";

export const detailAt = (scale: number): Detail => (scale >= 0.62 ? "near" : scale >= 0.34 ? "middle" : "far");

const margin = 40;
const largest = 2;

/** Wide pictures are flat: from afar ranks keep their distance, so that they fill the view. */
export function scaleY(scale: number, picture: Picture, view: View): number {
  return Math.max(scale, Math.min(0.9, (view.height - 2 * margin - card.height) / Math.max(1, picture.height)));
}

export const toScreen = (camera: Camera, ys: number, view: View, x: number, y: number): [number, number] => [
  (x - camera.x) * camera.scale + view.width / 2,
  (y - camera.y) * ys + view.height / 2,
];

export const toPicture = (camera: Camera, ys: number, view: View, x: number, y: number): [number, number] => [
  (x - view.width / 2) / camera.scale + camera.x,
  (y - view.height / 2) / ys + camera.y,
];

const fitScale = (picture: Picture, view: View) =>
  Math.min(1, (view.width - margin) / (picture.width + card.width + margin), (view.height - margin) / (card.height + margin));

/** Shows the whole picture. */
export const fitted = (picture: Picture, view: View): Camera => ({ x: picture.width / 2, y: picture.height / 2, scale: Math.max(0.002, fitScale(picture, view)) });

/** Shows the whole picture when names can be read then; around a node otherwise. */
export function started(picture: Picture, view: View, focus: number | undefined): Camera {
  const whole = fitted(picture, view);
  const node = focus === undefined ? undefined : picture.nodes[focus];
  if (!node || (whole.scale >= 0.5 && picture.height * whole.scale < view.height)) return whole;
  return { x: node.x, y: node.y, scale: Math.max(whole.scale, 0.7) };
}

/** Whether the whole of a node is seen, and its name can be read. */
export function isSeen(camera: Camera, picture: Picture, view: View, index: number): boolean {
  const node = picture.nodes[index];
  if (!node || detailAt(camera.scale) === "far") return false;
  const ys = scaleY(camera.scale, picture, view);
  const [x, y] = toScreen(camera, ys, view, node.x, node.y);
  const [dx, dy] = [(card.width * camera.scale) / 2, (card.height * camera.scale) / 2];
  return x > dx && x < view.width - dx && y > dy && y < view.height - dy;
}

/** Shows a node in the middle, near enough to read its name. */
export function centred(camera: Camera, picture: Picture, index: number): Camera {
  const node = picture.nodes[index];
  return node ? { x: node.x, y: node.y, scale: Math.max(camera.scale, 0.8) } : camera;
}

/** Zooms by a factor and keeps what is at a point of the view where it is. */
export function zoomed(camera: Camera, picture: Picture, view: View, factor: number, at: [number, number]): Camera {
  const least = Math.min(0.3, fitScale(picture, view) * 0.7);
  const scale = Math.max(least, Math.min(largest, camera.scale * factor));
  const [x, y] = toPicture(camera, scaleY(camera.scale, picture, view), view, ...at);
  const ys = scaleY(scale, picture, view);
  return kept({ scale, x: x - (at[0] - view.width / 2) / scale, y: y - (at[1] - view.height / 2) / ys }, picture);
}

/** Moves by pixels of the view. */
export const panned = (camera: Camera, picture: Picture, view: View, dx: number, dy: number): Camera =>
  kept({ ...camera, x: camera.x - dx / camera.scale, y: camera.y - dy / scaleY(camera.scale, picture, view) }, picture);

/** The middle of the view never leaves the picture. */
const kept = (camera: Camera, picture: Picture): Camera => ({
  ...camera,
  x: Math.max(-card.width, Math.min(picture.width + card.width, camera.x)),
  y: Math.max(-card.height, Math.min(picture.height + card.height, camera.y)),
});

/** The size of a node on the screen. */
export function sizeAt(scale: number, ys: number): { width: number; height: number } {
  return { width: Math.max(2, card.width * scale), height: Math.max(5, Math.min(card.height * Math.max(scale, 0.18), card.height * ys)) };
}

/** The first place of a sorted list whose value is not below a bound. */
export function lowerBound(count: number, valueAt: (i: number) => number, bound: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const mid = (low + high) >> 1;
    if (valueAt(mid) < bound) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** The nodes within a part of the picture. */
export function nodesWithin(picture: Picture, left: number, top: number, right: number, bottom: number): number[] {
  const { ranks, nodes } = picture;
  const found: number[] = [];
  for (let r = lowerBound(ranks.length, (i) => ranks[i]?.y ?? 0, top); r < ranks.length; r++) {
    const rank = ranks[r];
    if (!rank || rank.y > bottom) break;
    const x = (i: number) => nodes[rank.nodes[i] ?? 0]?.x ?? 0;
    for (let i = lowerBound(rank.nodes.length, x, left); i < rank.nodes.length && x(i) <= right; i++) found.push(rank.nodes[i] ?? 0);
  }
  return found;
}

/** The node at a point of the view. */
export function nodeAt(camera: Camera, picture: Picture, view: View, at: [number, number]): number | undefined {
  const ys = scaleY(camera.scale, picture, view);
  const [x, y] = toPicture(camera, ys, view, ...at);
  const size = sizeAt(camera.scale, ys);
  const [dx, dy] = [Math.max(size.width, 8) / 2 / camera.scale, Math.max(size.height, 12) / 2 / ys];
  const near = nodesWithin(picture, x - dx, y - dy, x + dx, y + dy);
  const off = (i: number) => Math.abs((picture.nodes[i]?.x ?? 0) - x);
  return near.reduce<number | undefined>((best, i) => (best === undefined || off(i) < off(best) ? i : best), undefined);
}
