import { printable } from "../base/printable";

/** HTML that was made by {@link html}: every text of others in it is a text. */
export class Html {
    constructor(readonly text: string) {}
}

type Part = string | number | Html | undefined | readonly Part[];

/**
 * The one place that writes HTML: what is put into the template is escaped, unless it was made here. Also for values of attributes
 * in double quotes; never for styles, scripts or names.
 */
export function html(template: TemplateStringsArray, ...parts: readonly Part[]): Html {
    return new Html(
        template.map((text, index) => `${text}${index < parts.length ? written(parts[index]) : ""}`).join(""),
    );
}

function written(part: Part): string {
    if (part === undefined) {
        return "";
    }
    if (part instanceof Html) {
        return part.text;
    }
    return typeof part === "object" ? part.map(written).join("") : escaped(String(part));
}

function escaped(text: string): string {
    return printable(text).replace(/[&<>"'`]/g, character => `&#${character.charCodeAt(0)};`);
}
