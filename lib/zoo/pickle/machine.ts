/**
 * Reads a pickle. A pickle is a program for a small stack machine; this one has no instruction that
 * could run anything: a class stays a name, a call becomes data (see objects.ts).
 *
 * Every instruction takes a byte or more and makes one value at the most, so that memory and time
 * are bounded by the pickle's length; what it may not do is to be {@linkcode longestProgram} long.
 *
 * @module
 */
import type { ByteSource } from "./byte_source.ts";
import type { Cursor } from "./cursor.ts";
import { fault, literal } from "./literals.ts";
import { addEntries, addItems, build, call } from "./objects.ts";
import { opcodes } from "./opcodes.ts";
import { numberOfLine } from "./integers.ts";
import type { Pickled, PickledGlobal, PickledSequence } from "./pickled.ts";

/** What a pickle refers to outside itself. */
export interface PickleContext {
  /** @throws {CheckpointError} for a global that is not known to be harmless. */
  find(module: string, name: string): PickledGlobal;
  /** What stands for a "persistent id": PyTorch refers to storages so. */
  persistent?(id: Pickled): Pickled;
}

/** Instructions, which take up to 140 MB of memory; a ViT-L with its optimizer has 60,000. */
export const longestProgram = 1_000_000;

/**
 * Reads the pickle that begins at the cursor, which stands after its end then.
 *
 * @param source what the cursor moves in: long texts and bytes stay there.
 * @throws {CheckpointError} when it is none, is damaged, or names a global that is not known.
 */
export function readPickle(
  source: ByteSource,
  cursor: Cursor,
  context: PickleContext,
): Pickled {
  const stack: Pickled[] = [];
  const marks: number[] = [];
  const memo: Pickled[] = [];

  function top(): Pickled {
    const value = stack.length > (marks.at(-1) ?? 0) ? stack.at(-1) : undefined;
    if (value === undefined) throw fault("takes more than it made", cursor);
    return value;
  }

  function pop(): Pickled {
    const value = top();
    stack.length--;
    return value;
  }

  function popToMark(): Pickled[] {
    const mark = marks.pop();
    if (mark === undefined) throw fault("misses a mark", cursor);
    return stack.splice(mark);
  }

  function popArguments(): PickledSequence {
    const value = pop();
    if (typeof value === "object" && value?.kind === "tuple") return value;
    throw fault("calls something without a tuple of arguments", cursor);
  }

  function popText(): string {
    const value = pop();
    if (typeof value === "string") return value;
    throw fault("names something by no text", cursor);
  }

  function remember(index: number) {
    if (!(index >= 0 && index < longestProgram)) {
      throw fault(`remembers a value as ${index}`, cursor);
    }
    memo[index] = top();
  }

  function recall(index: number): Pickled {
    const value = memo[index];
    if (value === undefined) throw fault(`recalls the unknown value ${index}`, cursor);
    return value;
  }

  function tuple(length: number): Pickled {
    const items: Pickled[] = new Array<Pickled>(length);
    while (length-- > 0) items[length] = pop();
    return { kind: "tuple", items };
  }

  /** Does one instruction; true at the end of the pickle. */
  function step(code: number): boolean {
    switch (code) {
      case opcodes.STOP:
        return true;
      case opcodes.PROTO:
        if (cursor.uint8() > 5) throw fault("has an unknown protocol", cursor);
        return false;
      case opcodes.FRAME:
        cursor.uint64(); // how much to read ahead: the window does without
        return false;
      case opcodes.MARK:
        marks.push(stack.length);
        return false;
      case opcodes.POP:
        if (stack.length > (marks.at(-1) ?? 0)) stack.pop();
        else popToMark();
        return false;
      case opcodes.POP_MARK:
        popToMark();
        return false;
      case opcodes.PUT:
        remember(numberOfLine(cursor.line()) as number);
        return false;
      case opcodes.BINPUT:
        remember(cursor.uint8());
        return false;
      case opcodes.LONG_BINPUT:
        remember(cursor.uint32());
        return false;
      case opcodes.MEMOIZE:
        remember(memo.length);
        return false;
      case opcodes.APPEND: {
        const value = pop();
        addItems(top(), [value]);
        return false;
      }
      case opcodes.APPENDS:
      case opcodes.ADDITEMS: {
        const items = popToMark();
        addItems(top(), items);
        return false;
      }
      case opcodes.SETITEM: {
        const value = pop();
        const key = pop();
        addEntries(top(), [key, value]);
        return false;
      }
      case opcodes.SETITEMS: {
        const items = popToMark();
        addEntries(top(), items);
        return false;
      }
      case opcodes.BUILD: {
        const state = pop();
        build(top(), state);
        return false;
      }
      default:
        stack.push(value(code));
        return false;
    }
  }

  /** The value that an instruction makes. */
  function value(code: number): Pickled {
    switch (code) {
      case opcodes.EMPTY_TUPLE:
        return { kind: "tuple", items: [] };
      case opcodes.TUPLE1:
        return tuple(1);
      case opcodes.TUPLE2:
        return tuple(2);
      case opcodes.TUPLE3:
        return tuple(3);
      case opcodes.TUPLE:
        return { kind: "tuple", items: popToMark() };
      case opcodes.EMPTY_LIST:
        return { kind: "list", items: [] };
      case opcodes.LIST:
        return { kind: "list", items: popToMark() };
      case opcodes.EMPTY_SET:
        return { kind: "set", items: [] };
      case opcodes.FROZENSET:
        return { kind: "set", items: popToMark() };
      case opcodes.EMPTY_DICT:
        return { kind: "dict", entries: undefined };
      case opcodes.DICT: {
        const dict: Pickled = { kind: "dict", entries: undefined };
        addEntries(dict, popToMark());
        return dict;
      }
      case opcodes.DUP:
        return top();
      case opcodes.GET:
        return recall(numberOfLine(cursor.line()) as number);
      case opcodes.BINGET:
        return recall(cursor.uint8());
      case opcodes.LONG_BINGET:
        return recall(cursor.uint32());
      case opcodes.GLOBAL:
        return context.find(cursor.line(), cursor.line());
      case opcodes.STACK_GLOBAL: {
        const name = popText();
        return context.find(popText(), name);
      }
      case opcodes.REDUCE:
      case opcodes.NEWOBJ: {
        const { items } = popArguments();
        return call(pop(), items);
      }
      case opcodes.NEWOBJ_EX: {
        pop(); // arguments by name: no class on the list has any that matter
        const { items } = popArguments();
        return call(pop(), items);
      }
      case opcodes.BINPERSID:
        if (context.persistent === undefined) {
          throw fault("refers to something outside itself", cursor);
        }
        return context.persistent(pop());
      default:
        return literal(code, source, cursor);
    }
  }

  for (let steps = 0; !step(cursor.uint8()); steps++) {
    if (steps >= longestProgram) {
      throw fault(`has more than ${longestProgram} instructions`, cursor);
    }
  }
  return pop();
}
