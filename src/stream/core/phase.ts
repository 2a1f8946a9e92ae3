/**
 * The phases of a session.
 *
 * A session is born `idle`, dials, and from then on is either `open` (a connection carries its
 * audio), `waiting` (for the next dial) or `dialing`. `dormant` is the phase without a connection
 * and without a reason to have one: the other side hung up while there was nothing to say; the next
 * audio dials. Whatever happens, every session ends `settled`, and nothing leaves that phase.
 * Whether the caller has finished is not a phase: it is asked in each of them.
 */
export type Phase = "idle" | "dialing" | "open" | "waiting" | "dormant" | "settled";

export type Step = "dial" | "opened" | "lost" | "sleep" | "settle";

const TABLE: Readonly<Record<Phase, Partial<Readonly<Record<Step, Phase>>>>> = {
  idle: { dial: "dialing", settle: "settled" },
  dialing: { opened: "open", lost: "waiting", settle: "settled" },
  open: { lost: "waiting", sleep: "dormant", settle: "settled" },
  waiting: { dial: "dialing", settle: "settled" },
  dormant: { dial: "dialing", settle: "settled" },
  settled: {},
};

/** The phase after a step; `undefined` when the step means nothing in this phase. */
export function nextPhase(phase: Phase, step: Step): Phase | undefined {
  return TABLE[phase][step];
}
