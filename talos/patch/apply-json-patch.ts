import { isMap, isScalar, isSeq, type Node, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { nodeAt, pairOf, textOf } from '../document/config-document.ts';
import { MergeRefusal } from './merge-refusal.ts';
import { resolvedKind } from './resolve-scalar.ts';

/**
 * Applies a JSON patch (RFC 6902) to the main document. Changes `root`. Throws MergeRefusal, with the place of the
 * operation in the patch.
 */
export function applyJsonPatch(root: YAMLMap, operations: YAMLSeq): void {
  for (const [index, operation] of (operations.items as Node[]).entries()) {
    const refuse = (message: string) => new MergeRefusal(`[${index}]`, operation, message);
    if (!isMap(operation)) throw refuse('is no operation of a JSON patch');
    const text = (key: string) => textOf(pairOf(operation, key)?.value);
    const target = { root, pointer: text('path'), refuse };
    const value = () => {
      const written = pairOf(operation, 'value');
      if (written === undefined) throw refuse('has no value');
      return (written.value as Node | null)?.clone() as Node;
    };
    switch (text('op')) {
      case 'add':
        add(target, value());
        break;
      case 'remove':
        remove(target);
        break;
      case 'replace':
        slotOf(target).set(value());
        break;
      case 'move':
        add(target, remove({ ...target, pointer: text('from') }));
        break;
      case 'copy':
        add(target, slotOf({ ...target, pointer: text('from') }).node.clone() as Node);
        break;
      case 'test':
        if (!isSame(slotOf(target).node, value())) throw refuse(`the test of ${target.pointer} failed`);
        break;
      default:
        throw refuse('has no known op: add, remove, replace, move, copy or test');
    }
  }
}

interface Target {
  readonly root: YAMLMap;
  readonly pointer: string;
  readonly refuse: (message: string) => MergeRefusal;
}

/** What holds the last part of a pointer, and that part. */
function holderOf({ root, pointer, refuse }: Target): { holder: Node; last: string } {
  const parts = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  const last = parts.pop();
  if (parts.shift() !== '' || last === undefined) throw refuse('has a path that does not begin with /');
  let holder: Node | undefined = root;
  for (const part of parts) {
    holder = isSeq(holder)
      ? (holder.items[Number(part)] as Node | undefined)
      : isMap(holder)
        ? nodeAt(holder, part)
        : undefined;
  }
  if (!isMap(holder) && !isSeq(holder)) throw refuse(`${pointer} is not there`);
  return { holder, last };
}

function slotOf(target: Target): { node: Node; set: (node: Node) => void } {
  const { holder, last } = holderOf(target);
  if (isSeq(holder) && /^\d+$/.test(last) && Number(last) < holder.items.length) {
    const at = Number(last);
    return { node: holder.items[at] as Node, set: (node) => (holder.items[at] = node) };
  }
  const pair = isMap(holder) ? pairOf(holder, last) : undefined;
  if (pair === undefined) throw target.refuse(`${target.pointer} is not there`);
  return { node: pair.value as Node, set: (node) => (pair.value = node) };
}

function add(target: Target, node: Node): void {
  const { holder, last } = holderOf(target);
  if (isSeq(holder)) {
    const at = last === '-' ? holder.items.length : Number(last);
    if (!(last === '-' || /^\d+$/.test(last)) || at > holder.items.length) {
      throw target.refuse(`${target.pointer} is outside of its list`);
    }
    holder.items.splice(at, 0, node);
  } else if (isMap(holder)) {
    const pair = pairOf(holder, last);
    if (pair === undefined) holder.set(new Scalar(last), node);
    else pair.value = node;
  }
}

function remove(target: Target): Node {
  const { holder, last } = holderOf(target);
  const { node } = slotOf(target);
  if (isSeq(holder)) holder.items.splice(Number(last), 1);
  else if (isMap(holder))
    holder.items.splice(
      holder.items.findIndex(({ key }) => textOf(key) === last),
      1,
    );
  return node;
}

function isSame(left: Node, right: Node): boolean {
  if (isMap(left) && isMap(right)) {
    return (
      left.items.length === right.items.length &&
      left.items.every(({ key, value }) => {
        const other = pairOf(right, textOf(key));
        return other !== undefined && isSame(value as Node, other.value as Node);
      })
    );
  }
  if (isSeq(left) && isSeq(right)) {
    return (
      left.items.length === right.items.length &&
      (left.items as Node[]).every((item, at) => isSame(item, right.items[at] as Node))
    );
  }
  return (
    isScalar(left) && isScalar(right) && resolvedKind(left) === resolvedKind(right) && textOf(left) === textOf(right)
  );
}
