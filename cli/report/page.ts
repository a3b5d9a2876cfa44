import { createHash } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import { counted } from "../../base/words";
import { type RegisteredDestination } from "../../declared/mesh";
import { type Claim, type Lock, packetText, type Result, type Verdict } from "../../containment/verdict";
import { differenceReport } from "../differenceReport";
import { daysLeft } from "../expiry";
import { Html, html } from "../html";
import { shortUrn } from "../../base/resource";
import { type Hole, holesOf } from "../../containment/holes";
import { type ReportFacts } from "./facts";
import { map } from "./map";
import { STYLE } from "./style";

/** One file that needs nothing else: no script, no font, no address that a browser would ask. Its own policy forbids any. */
export function reportPage(facts: ReportFacts): string {
    const { provenance, verdict, difference } = facts;
    const sections = [
        { id: "claims", title: "Claims", body: verdict.claims.map(claim) },
        { id: "locks", title: "Locks", body: locks(verdict) },
        { id: "map", title: "Who may use what", body: overview(facts) },
        { id: "destinations", title: "Destinations", body: destinations(facts) },
        ...(difference === undefined
            ? []
            : [
                  {
                      id: "difference",
                      title: `Difference from ${difference.against}`,
                      body: html`<pre>${lines(stripVTControlCharacters(differenceReport(difference.told)))}</pre>`,
                  },
              ]),
        { id: "caveats", title: "What the answer rests on", body: caveats(verdict) },
    ];
    const title = `Egress gateway, stack ${provenance.stacks.join(", ")}: ${verdict.verdict}`;
    // The only style that the browser takes, by its hash (CSP level 3).
    const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; base-uri 'none'; form-action 'none'`;
    return html`<!doctype html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta http-equiv="Content-Security-Policy" content="${policy}" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <title>${title}</title>
                ${new Html(`<style>${STYLE}</style>`)}
            </head>
            <body>
                <a class="skip" href="#main">Skip to the claims</a>
                <header>
                    <h1>Egress gateway, stack ${provenance.stacks.join(", ")}</h1>
                    <p class="verdict ${verdict.verdict}">
                        <strong>${verdict.verdict}</strong>:
                        ${verdict.claims.map(({ id, result }) => `${id} ${result}`).join(", ")}
                    </p>
                    ${origin(facts)}
                    <nav aria-label="Sections">
                        <ul>
                            ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li> `)}
                        </ul>
                    </nav>
                </header>
                <main id="main">
                    ${sections.map(
                        ({ id, title: name, body }) =>
                            html`<section id="${id}" aria-labelledby="${id}-title">
                                <h2 id="${id}-title">${name}</h2>
                                ${body}
                            </section> `,
                    )}
                </main>
                <footer>
                    <p>
                        Made by egress-gateway ${provenance.version} from ${provenance.resources} resources. It says
                        what those resources decide, and nothing of what else is in the project.
                    </p>
                </footer>
            </body>
        </html> `.text;
}

function origin({ provenance, verdict }: ReportFacts): Html {
    const { sources, commit, version, time, resources } = provenance;
    const rows: readonly (readonly [string, string])[] = [
        ["Resources", `${resources}, from ${sources.join(", ")}`],
        ["Commit", commit ?? "unknown: no git repository"],
        ["Judged", `${time}, by egress-gateway ${version}`],
        [
            "Gateway pools",
            verdict.gateway.pools.map(({ name, because }) => `${name} (${because})`).join("; ") || "none found",
        ],
        ["Gateway namespace", namespacesOf(verdict) || "none found"],
    ];
    return html`<dl>
        ${rows.map(
            ([term, value]) =>
                html`<dt>${term}</dt>
                    <dd>${value}</dd> `,
        )}
    </dl>`;
}

const SIGNS: Readonly<Record<Result, string>> = { holds: "✓", violated: "✗", unknown: "?" };

function badge(result: Result): Html {
    return html`<span class="badge ${result}">${SIGNS[result]} ${result}</span>`;
}

function claim({ id, statement, result, witnesses, reasons }: Claim): Html {
    return html`<article>
        <h3>${id} ${badge(result)}</h3>
        <p>${statement}</p>
        ${result === "holds" ? undefined : holesOf(witnesses).map(way)}
        ${reasons.length === 0 || result === "holds" ? undefined : list(reasons)}
    </article> `;
}

/** The way of a packet or a pod, hop by hop: where it starts, who decides, where it ends. */
function way({ witness: { source, packet, extent, hops, remedy }, alike }: Hole): Html {
    const who = [source, ...alike.slice(0, 2), ...(alike.length > 2 ? [`${alike.length - 2} more`] : [])].join("; ");
    return html`<ol class="way">
            <li><strong>who</strong>${who}</li>
            ${hops.map(
                ({ at, decision, resource, decides }) =>
                    html`<li class="${decides === true ? "decides" : "passes"}">
                        <strong>${at}${decides === true ? " (decides)" : ""}</strong>${decision}${
                            resource === undefined ? undefined : html`<br /><code>${shortUrn(resource)}</code>`
                        }
                    </li> `,
            )}${packet === undefined ? undefined : html`<li class="end"><strong>where</strong>${packetText(packet)}${extent === undefined ? "" : `, and ${extent}`}</li>`}
        </ol>
        <p><strong>What closes it:</strong> ${remedy}</p> `;
}

function locks({ locks: all, claims }: Verdict): Html {
    const ids = claims.map(({ id }) => id).filter(id => all.some(({ without }) => without[id] !== undefined));
    return html`<div class="scroll" role="region" aria-label="Lock matrix" tabindex="0">
        <table class="matrix">
            <caption>
                What each claim becomes when one lock alone is taken away. A claim that stays has another lock behind
                it.
            </caption>
            <thead>
                <tr>
                    <th scope="col">without</th>
                    ${ids.map(id => html`<th scope="col">${id}</th>`)}
                    <th scope="col">alone</th>
                    <th scope="col">what it is</th>
                </tr>
            </thead>
            <tbody>
                ${all.map(
                    lock =>
                        html`<tr>
                            <th scope="row">${lock.lock}</th>
                            ${ids.map(id => cell(lock.without[id]))}${cell(lock.alone)}
                            <td>${description(lock)}</td>
                        </tr> `,
                )}
            </tbody>
        </table>
    </div>`;
}

function cell(result: Result | undefined): Html {
    return result === undefined
        ? html`<td class="cell">–</td>`
        : html`<td class="cell ${result}">${SIGNS[result]} ${result}</td>`;
}

function description({ description, resources }: Lock): string {
    return resources.length === 0 ? `not there: ${description}` : description;
}

function namespacesOf({ gateway }: ReportFacts["verdict"]): string {
    const names = gateway.gateways?.map(({ namespace }) => namespace) ?? [gateway.namespace?.name];
    return names.filter(name => name !== undefined).join(", ");
}

function overview({ destinations: all, reasons, verdict }: ReportFacts): Html {
    return all.length === 0
        ? list(reasons)
        : html`<div class="scroll" role="region" aria-label="Map of namespaces and destinations" tabindex="0">
              ${map(all, namespacesOf(verdict))}
          </div>`;
}

function destinations({ destinations: all, provenance }: ReportFacts): Html {
    return html`<div class="scroll" role="region" aria-label="List of destinations" tabindex="0">
        <table>
            <caption>
                ${counted(all.length, "destination")}, with the identities that each one's handshake accepts.
            </caption>
            <thead>
                <tr>
                    <th scope="col">host</th>
                    <th scope="col">ports</th>
                    <th scope="col">who may use it</th>
                    <th scope="col">owner</th>
                    <th scope="col">reason</th>
                    <th scope="col">expires</th>
                </tr>
            </thead>
            <tbody>
                ${all.map(one => row(one, new Date(provenance.time)))}
            </tbody>
        </table>
    </div>`;
}

function row({ host, ports, allow, owner, reason, expires }: RegisteredDestination, today: Date): Html {
    return html`<tr>
        <th scope="row"><code>${host}</code></th>
        <td>
            ${ports.map(({ protocol, number, innerName }) => `${protocol} ${number}${innerName === undefined ? "" : ", name inside checked"}`).join("; ")}
        </td>
        <td>${allow.map(({ namespace, serviceAccount }) => `${namespace}/${serviceAccount}`).join(", ")}</td>
        <td>${owner ?? "–"}</td>
        <td>${reason ?? "–"}</td>
        <td>${expires === undefined ? "–" : expiry(expires, today)}</td>
    </tr> `;
}

function expiry(expires: string, today: Date): Html {
    const days = daysLeft(expires, today);
    return days < 0
        ? html`<span class="badge violated">expired ${expires}</span>`
        : days <= 30
          ? html`<span class="badge unknown">soon: ${expires}</span>`
          : html`${expires}`;
}

function caveats({ assumptions, residualRisks }: Verdict): Html {
    return html`<details>
            <summary>${counted(assumptions.length, "assumption")}: what no given resource shows</summary>
            ${list(assumptions)}
        </details>
        <details>
            <summary>${residualRisks.length} residual risks: what stays open even when every claim holds</summary>
            ${list(residualRisks)}
        </details>`;
}

function list(texts: readonly string[]): Html {
    return html`<ul>
        ${texts.map(text => html`<li>${text}</li> `)}
    </ul>`;
}

/** Our own line ends stay. */
function lines(text: string): Html[] {
    return text.split("\n").map(line => new Html(`${html`${line}`.text}\n`));
}
