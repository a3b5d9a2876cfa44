/** Exit codes of every command. Bad input is a case of "cannot tell". */
export const EXIT = { holds: 0, doesNotHold: 1, cannotTell: 2 } as const;
