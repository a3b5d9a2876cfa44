import { type ASTNode } from "@marcbachmann/cel-js";
import { treeOf } from "./cel";

/** Functions that look inside a value. Prefixes, suffixes and parts are tried, so their functions are not among them. */
const LOOKING_INSIDE = new Set([
    ...["matches", "find", "findAll", "substring", "charAt", "split", "indexOf", "lastIndexOf", "replace", "reverse"],
    ...["int", "uint", "double", "quantity", "semver", "url", "ip", "cidr", "timestamp", "duration", "format"],
]);
const ORDERING = new Set(["<", ">", "<=", ">="]);
const ROOTS = new Set(["object", "oldObject", "request", "namespaceObject", "params"]);

const KNOWN = new Map<string, readonly string[] | "everything">();

/**
 * The variables of which an expression looks at something in a way that no list of values exhausts, such as by a regular expression or by
 * comparing a size; `everything` where what it looks at is called by another name.
 */
export function vagueRoots(expression: string): readonly string[] | "everything" {
    let roots = KNOWN.get(expression);
    if (roots === undefined) {
        const tree = treeOf(expression);
        const names = tree === undefined ? [] : namesIn(nodesOf(tree).filter(isVague).flatMap(nodesOf));
        roots = names.every(name => ROOTS.has(name)) ? names : "everything";
        KNOWN.set(expression, roots);
    }
    return roots;
}

function isVague(node: ASTNode): boolean {
    return node.op === "call" || node.op === "rcall"
        ? LOOKING_INSIDE.has(node.args[0])
        : ORDERING.has(node.op) &&
              nodesOf(node).some(({ op, args }) => (op === "call" || op === "rcall") && args[0] === "size");
}

function namesIn(nodes: readonly ASTNode[]): string[] {
    return [...new Set(nodes.flatMap(node => (node.op === "id" ? [node.args] : [])))];
}

/** The node and everything below it. */
function nodesOf(node: ASTNode): ASTNode[] {
    return [node, ...below(node.args)];
}

function below(value: unknown): ASTNode[] {
    return Array.isArray(value)
        ? value.flatMap(below)
        : typeof value === "object" && value !== null && "op" in value
          ? nodesOf(value as ASTNode)
          : [];
}
