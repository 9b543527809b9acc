import type { Member } from './member.ts';

/** One timer for everybody: who is told that the line is alive, who is asked, who has not answered. */
export interface Wheel {
  add(member: Member): void;
  remove(member: Member): void;
  /** Goes on by one tick. */
  turn(): void;
}

export interface Rounds {
  /** In ticks. An answer is due `answer` ticks after the question, before the next one. */
  beat: number;
  question: number;
  answer: number;
}

export function buildWheel(
  every: Rounds,
  does: {
    /** May take members off the list it is given. */
    beat(list: Member[]): void;
    ask(member: Member): void;
    /** Takes the member off. */
    letGo(member: Member): void;
  },
): Wheel {
  // As many slots as there are combinations, so that neither beats nor questions come all at once.
  const slots: Member[][] = Array.from({ length: every.question * every.beat }, () => []);
  let next = 0;
  let tick = 0;
  return {
    add(member) {
      next = (next + 1) % slots.length;
      member.slot = next;
      member.slotAt = slots[next]!.push(member) - 1;
    },
    remove(member) {
      const slot = slots[member.slot]!;
      const last = slot.pop()!;
      if (last === member) return;
      slot[member.slotAt] = last;
      last.slotAt = member.slotAt;
    },
    turn() {
      tick += 1;
      for (let s = 0; s < slots.length; s += 1) {
        const slot = slots[s]!;
        if (slot.length === 0) continue;
        if (tick % every.beat === s % every.beat) does.beat(slot);
        const since = (tick - (s % every.question) + every.question) % every.question;
        if (since === 0) for (const member of slot) does.ask(member);
        // From the end, because who is let go is replaced by the last.
        else if (since === every.answer)
          for (let i = slot.length - 1; i >= 0; i -= 1) if (slot[i]!.asked) does.letGo(slot[i]!);
      }
    },
  };
}
