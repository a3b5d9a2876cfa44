import { type JunitCase, junitDocument } from "../../base/junit";
import { printable, printableIn } from "../../base/printable";
import { holesOf } from "../../containment/holes";
import { type Claim, packetText, type Verdict } from "../../containment/verdict";
import { type Provenance } from "../../plan/provenance";

/** JUnit's XML of a verdict: a case for each claim, whatever comes of it, so that its history has one name. */
export function verdictJunit({ claims }: Verdict, { stacks }: Provenance, elapsedSeconds: number): string {
    const name = `egress-gateway prove ${printable(stacks.join(", "))}`;
    return junitDocument(name, [{ name, cases: printableIn(claims).map(caseOf) }], elapsedSeconds);
}

function caseOf({ id, statement, result, witnesses, reasons }: Claim): JunitCase {
    const names = { classname: id, name: statement };
    const told = [
        ...holesOf(witnesses).map(
            ({ witness: { source, packet, remedy } }) =>
                `${source}${packet === undefined ? "" : ` → ${packetText(packet)}`}. Remedy: ${remedy}`,
        ),
        ...reasons,
    ];
    return result === "holds"
        ? names
        : {
              ...names,
              problem: {
                  kind: result === "violated" ? "failure" : "error",
                  type: result,
                  message: told[0] ?? result,
                  text: told.join("\n"),
              },
          };
}
