import { type Claim, type ClaimId, type Result, type Verdict } from "../containment/verdict";

export interface ClaimChange {
    readonly id: ClaimId;
    readonly before?: Result;
    readonly after?: Result;
    /** The claim as it is now, with witnesses and reasons; absent where it is no longer judged. */
    readonly claim?: Claim;
}

/** What a claim becomes when a lock alone is taken away, where that is another thing than before. */
export interface LockChange {
    readonly lock: string;
    /** `alone`: whether it holds by itself. */
    readonly about: ClaimId | "alone" | "presence";
    readonly before: Result | "there" | "not there";
    readonly after: Result | "there" | "not there";
}

export interface ListChange {
    readonly added: readonly string[];
    readonly removed: readonly string[];
}

export interface VerdictChanges {
    readonly claims: readonly ClaimChange[];
    readonly locks: readonly LockChange[];
    readonly assumptions: ListChange;
    readonly residualRisks: ListChange;
}

export function verdictChanges(before: Verdict, after: Verdict): VerdictChanges {
    return {
        claims: claimChanges(before, after),
        locks: lockChanges(before, after),
        assumptions: listChange(before.assumptions, after.assumptions),
        residualRisks: listChange(before.residualRisks, after.residualRisks),
    };
}

function claimChanges(before: Verdict, after: Verdict): ClaimChange[] {
    const ids = [...new Set([...before.claims, ...after.claims].map(({ id }) => id))].sort();
    return ids.flatMap(id => {
        const then = before.claims.find(claim => claim.id === id);
        const now = after.claims.find(claim => claim.id === id);
        return then?.result === now?.result
            ? []
            : [
                  {
                      id,
                      ...(then === undefined ? {} : { before: then.result }),
                      ...(now === undefined ? {} : { after: now.result, claim: now }),
                  },
              ];
    });
}

type LockResults = ReadonlyMap<LockChange["about"], LockChange["after"]>;

function lockChanges(before: Verdict, after: Verdict): LockChange[] {
    const names = [...new Set([...before.locks, ...after.locks].map(({ lock }) => lock))];
    return names.flatMap(lock => {
        const [then, now] = [resultsOf(before, lock), resultsOf(after, lock)];
        const abouts = then.get("presence") === now.get("presence") ? [...then.keys()] : (["presence"] as const);
        return abouts.flatMap((about): LockChange[] => {
            const [was, is] = [then.get(about), now.get(about)];
            return was === undefined || is === undefined || was === is ? [] : [{ lock, about, before: was, after: is }];
        });
    });
}

function resultsOf({ locks }: Verdict, name: string): LockResults {
    const lock = locks.find(one => one.lock === name);
    // What a world becomes without something that it does not have says nothing about that.
    return lock === undefined || lock.resources.length === 0
        ? new Map([["presence", "not there"]])
        : new Map<LockChange["about"], LockChange["after"]>([
              ["presence", "there"],
              ...(Object.entries(lock.without) as [ClaimId, Result][]),
              ...(lock.alone === undefined ? [] : [["alone", lock.alone] as const]),
          ]);
}

function listChange(before: readonly string[], after: readonly string[]): ListChange {
    return {
        added: after.filter(line => !before.includes(line)),
        removed: before.filter(line => !after.includes(line)),
    };
}
