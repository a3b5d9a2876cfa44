import { type LeftOut } from "../../containment/document";
import { type Unread } from "../../containment/unread";
import { type ClaimId } from "../../containment/verdict";
import { type GoogleApi, GoogleError, type Question } from "./api";

/** A project of Google Cloud that is asked what it has. What it does not tell is kept, with the permission that is missing. */
export class Project {
    readonly unread: Unread[] = [];
    readonly leftOut: LeftOut[] = [];

    constructor(
        readonly api: GoogleApi,
        readonly id: string,
    ) {}

    /** The answer, or nothing where it is not given; then it is told what is not known. */
    async asked<T>(what: string, claims: readonly ClaimId[], nothing: T, ask: () => Promise<T>): Promise<T> {
        try {
            return await ask();
        } catch (error) {
            if (!(error instanceof GoogleError)) {
                throw error;
            }
            this.unread.push({
                what: `${what} of project ${this.id}`,
                why: error.refused
                    ? `not shown for want of permission ${error.permission}`
                    : `not shown: ${error.message}`,
                claims,
            });
            return nothing;
        }
    }

    question(path: string, permission: string, more: Partial<Question> = {}): Question {
        return { service: "compute", path: this.pathOf(path), permission, ...more };
    }

    pathOf(path: string): string {
        return `projects/${this.id}${path}`;
    }
}
