/** Name of the resource that a link or a path ends with; empty for none. */
export function lastPart(link: string | null | undefined): string {
    return link?.split("/").pop() ?? "";
}
