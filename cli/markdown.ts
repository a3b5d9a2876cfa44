import { toMarkdown } from "mdast-util-to-markdown";
import { printable } from "../base/printable";

/** A part of a comment on GitHub. */
export type Block =
    | { readonly kind: "mark"; readonly text: string }
    | { readonly kind: "heading"; readonly text: string; readonly code: string; readonly rest: string }
    | { readonly kind: "text"; readonly text: string; readonly folded?: string };

/**
 * Markdown in which texts of others stay texts: the one place that writes it. A text stands behind a fence that is longer than any
 * run of backticks in it, without whatever acts on the reader's eye but line ends.
 */
export function markdown(blocks: readonly Block[]): string {
    return toMarkdown({ type: "root", children: blocks.flatMap(nodes) }, { fences: true });
}

type Node = Parameters<typeof toMarkdown>[0] & object;
type Child = Extract<Node, { type: "root" }>["children"][number];

function nodes(block: Block): Child[] {
    switch (block.kind) {
        case "mark":
            // Nothing ends a comment of HTML but `-->`, and nothing that is renewed by its mark may hold one.
            return [{ type: "html", value: `<!-- ${printable(block.text).replaceAll("--", "- -")} -->` }];
        case "heading":
            return [
                {
                    type: "heading",
                    depth: 3,
                    children: [
                        { type: "text", value: block.text },
                        { type: "inlineCode", value: printable(block.code) },
                        { type: "text", value: printable(block.rest) },
                    ],
                },
            ];
        case "text": {
            const code = { type: "code", lang: "text", value: visible(block.text) } as const;
            return block.folded === undefined
                ? [code]
                : [
                      { type: "html", value: `<details><summary>${block.folded}</summary>` },
                      code,
                      { type: "html", value: "</details>" },
                  ];
        }
    }
}

function visible(text: string): string {
    return text.replaceAll("\r\n", "\n").split("\n").map(printable).join("\n").trimEnd();
}
