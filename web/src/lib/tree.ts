/** A node of a forest. */
export interface Node<T> {
  item: T;
  children: Node<T>[];
}

/** forest arranges items under their parents (an index into the list, or null); a circle's members become roots. */
export function forest<T extends { index: number; parent: number | null }>(items: T[]): Node<T>[] {
  const nodes = new Map(items.map((item) => [item.index, { item, children: [] as Node<T>[] }]));
  const roots: Node<T>[] = [];
  for (const node of nodes.values()) {
    const parent = node.item.parent === null ? undefined : nodes.get(node.item.parent);
    if (!parent || inCircle(nodes, node.item)) roots.push(node);
    else parent.children.push(node);
  }
  return roots;
}

function inCircle<T extends { index: number; parent: number | null }>(nodes: Map<number, Node<T>>, start: T): boolean {
  let at: T | undefined = start;
  for (let steps = 0; at && steps <= nodes.size; steps++) {
    if (at.parent === null) return false;
    at = nodes.get(at.parent)?.item;
    if (at === start) return true;
  }
  return false;
}
