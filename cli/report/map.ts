import { graphlib, layout } from "@dagrejs/dagre";
import { type RegisteredDestination } from "../../declared/mesh";
import { counted } from "../../base/words";
import { type Html, html } from "../html";

/** One box of the map. */
interface Box {
    readonly id: string;
    readonly kind: "client" | "gateway" | "destination";
    readonly lines: readonly string[];
}

/** So many boxes can be told apart on one page; beyond that, destinations with the same callers share one. */
const MOST_BOXES = 40;
const MOST_LINES = 6;
/** The same where there are more boxes of this kind than fit on a screen. */
const FEWER = { boxes: 12, lines: 2 } as const;
/** Pixels: of one character of the map's font, of a line, around the text of a box. */
const SIZE = { character: 7.3, line: 17, padding: 9 } as const;
const MOST_CHARACTERS = 44;

/** Who may use what: client namespaces, the gateway, destinations. The tables beside it say the same in words. */
export function map(destinations: readonly RegisteredDestination[], gateway: string): Html {
    const clients = [...new Set(destinations.flatMap(callersOf))].sort();
    const boxes: Box[] = [
        ...clients.map((name): Box => ({ id: `client ${name}`, kind: "client", lines: [name] })),
        { id: "gateway", kind: "gateway", lines: ["egress gateway", gateway] },
        ...destinationBoxes(destinations),
    ];
    const edges = boxes
        .filter(({ kind }) => kind !== "gateway")
        .map(({ id, kind }) => (kind === "client" ? { v: id, w: "gateway" } : { v: "gateway", w: id }));
    const graph = new graphlib.Graph();
    graph.setGraph({ rankdir: "LR", nodesep: 10, ranksep: 90, marginx: 4, marginy: 4 });
    graph.setDefaultEdgeLabel(() => ({}));
    boxes.forEach(box => graph.setNode(box.id, sizeOf(box)));
    edges.forEach(({ v, w }) => graph.setEdge(v, w));
    layout(graph);
    const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
    const title = `${counted(clients.length, "client namespace")}, the gateway, and ${counted(destinations.length, "destination")}`;
    return html`<svg
        role="img"
        aria-label="${title}"
        viewBox="0 0 ${Math.ceil(width)} ${Math.ceil(height)}"
        width="${Math.ceil(width)}"
        height="${Math.ceil(height)}"
    >
        ${edges.map(edge => line((graph.edge(edge) as { points: readonly Point[] }).points))}
        ${boxes.map(box => drawn(box, graph.node(box.id) as Point & Size))}
    </svg>`;
}

function destinationBoxes(destinations: readonly RegisteredDestination[]): Box[] {
    if (destinations.length <= MOST_BOXES) {
        return destinations.map(one => ({
            id: `destination ${one.host}`,
            kind: "destination",
            lines: [one.host, callersOf(one).join(", ")],
        }));
    }
    const groups = new Map<string, string[]>();
    for (const one of destinations) {
        const callers = callersOf(one).join(", ");
        groups.set(callers, [...(groups.get(callers) ?? []), one.host]);
    }
    const most = groups.size > FEWER.boxes ? FEWER.lines : MOST_LINES;
    return [...groups]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([callers, hosts]) => ({
            id: `destinations ${callers}`,
            kind: "destination",
            lines: [
                `${callers}: ${hosts.length}`,
                ...hosts.slice(0, most),
                ...(hosts.length > most ? [`and ${hosts.length - most} more, see the table`] : []),
            ],
        }));
}

function callersOf({ allow }: RegisteredDestination): string[] {
    return [...new Set(allow.map(({ namespace }) => namespace))].sort();
}

interface Point {
    readonly x: number;
    readonly y: number;
}

interface Size {
    readonly width: number;
    readonly height: number;
}

function sizeOf({ lines }: Box): Size {
    const characters = Math.max(...lines.map(text => shortened(text).length));
    return {
        width: Math.ceil(characters * SIZE.character) + 2 * SIZE.padding,
        height: lines.length * SIZE.line + 2 * SIZE.padding - 4,
    };
}

function shortened(text: string): string {
    return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text;
}

function drawn({ kind, lines }: Box, { x, y, width, height }: Point & Size): Html {
    const [left, top] = [x - width / 2, y - height / 2];
    return html`<g class="${kind}"
        ><title>${lines.join(", ")}</title
        ><rect x="${round(left)}" y="${round(top)}" width="${width}" height="${height}" rx="5" />${lines.map(
            (text, index) =>
                html`<text
                    x="${round(left + SIZE.padding)}"
                    y="${round(top + SIZE.padding + index * SIZE.line + 9)}"
                    class="${index === 0 ? "first" : "more"}"
                    >${shortened(text)}</text
                >`,
        )}</g
    > `;
}

/** From box to box in a curve, through the points that the layout gives. */
function line(points: readonly Point[]): Html {
    const [first, last] = [points[0]!, points.at(-1)!];
    const middle = (first.x + last.x) / 2;
    const path = `M${round(first.x)},${round(first.y)} C${round(middle)},${round(first.y)} ${round(middle)},${round(last.y)} ${round(last.x)},${round(last.y)}`;
    return html`<path d="${path}" />`;
}

function round(value: number): number {
    return Math.round(value * 10) / 10;
}
