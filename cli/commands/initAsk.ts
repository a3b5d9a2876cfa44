import { createInterface } from "node:readline/promises";
import { printable } from "../../base/printable";
import { InputError, type Problem, UserError } from "../../base/problem";
import { complain } from "../output";
import { type Answers, optionOf, type Question } from "./initQuestions";

/** Asks one question. An empty answer is the suggestion, if there is one. */
export type Ask = (question: Question, suggestion: string | undefined) => Promise<string | undefined>;

/** Asks whoever sits at the terminal; `undefined` where nobody does. */
export function atTerminal(): Ask | undefined {
    if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) {
        return undefined;
    }
    return async ({ text, how, list }, suggestion) => {
        const lines = createInterface({ input: process.stdin, output: process.stderr });
        const left = new Promise<never>((_, reject) =>
            lines.once("close", () => reject(new UserError("nothing was written: the questions were not answered."))),
        );
        left.catch(() => undefined);
        try {
            const several = list === true ? " (several with commas between)" : "";
            const shown = suggestion === undefined ? `\n  ${how}` : ` [${printable(suggestion)}]`;
            const answer = (await Promise.race([lines.question(`${text}${several}${shown}\n> `), left])).trim();
            return answer === "" ? suggestion : answer;
        } finally {
            lines.close();
        }
    };
}

/** Asks for everything that is not given, and once more for what cannot be used. */
export async function asked(
    questions: readonly Question[],
    given: Answers,
    judge: (answers: Answers) => { readonly problems: readonly Problem[] },
    ask: Ask,
    tell: (text: string) => void = complain,
): Promise<{ answers: Answers; assumed: readonly Question[] }> {
    const answers: Record<string, string | undefined> = { ...given };
    for (;;) {
        for (const question of questions) {
            answers[question.name] ??= await ask(question, question.otherwise?.(answers));
        }
        const { problems } = judge(answers);
        const wrong = questions.filter(question =>
            problems.some(({ path }) => path.split(" ")[0] === optionOf(question)),
        );
        if (wrong.length === 0) {
            return { answers, assumed: [] };
        }
        tell(new InputError("some of it cannot be used", problems).message);
        wrong.forEach(({ name }) => delete answers[name]);
    }
}
