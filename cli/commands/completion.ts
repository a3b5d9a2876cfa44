import { type Command, type Option } from "commander";
import { PROJECT_DIRECTORY } from "../../plan/project";
import { sayExactly } from "../output";

export type Shell = "bash" | "zsh" | "fish";

/** Prints what makes a shell complete `npm run <command> -- …`, out of the program's own definitions. */
export function completion(shell: Shell, program: Command): void {
    const commands = program.commands.map(completedOf);
    sayExactly({ bash, zsh, fish }[shell](commands));
}

interface Completed {
    readonly name: string;
    /** The long options. */
    readonly options: readonly string[];
    /** What stands behind an option that takes something, or in the place of the command's argument. */
    readonly values: readonly { readonly behind: readonly string[]; readonly what: string }[];
}

/** Words of a shell: a list of them, or what finds them when they are asked for. */
const STACKS = "<stacks>";
const FILES = "";

function completedOf(command: Command): Completed {
    const { options } = command;
    const [argument] = command.registeredArguments;
    return {
        name: command.name(),
        options: [...options.flatMap(({ long }) => long ?? []), "--help"],
        values: [
            ...options
                .filter(({ required, optional }) => required || optional)
                .map(option => ({
                    behind: [option.long, option.short].filter(flag => flag !== undefined),
                    what: valuesOf(option),
                })),
            ...(argument?.argChoices === undefined ? [] : [{ behind: ["--"], what: argument.argChoices.join(" ") }]),
        ],
    };
}

function valuesOf({ long, argChoices }: Option): string {
    return argChoices?.join(" ") ?? (long === "--stack" ? STACKS : FILES);
}

function bash(commands: readonly Completed[]): string {
    const values = commands.flatMap(({ name, values: all }) =>
        all.map(({ behind, what }) => {
            const patterns = behind.map(flag => quoted(`${name} ${flag}`)).join("|");
            const reply = what === STACKS ? "_egress_gateway_stacks" : what === FILES ? "" : `echo ${quoted(what)}`;
            // Where nothing is replied, the shell completes files by itself.
            return `        ${patterns}) ${reply} ;;`.replace(/ {2};;/, " ;;");
        }),
    );
    return `# Completes \`npm run <command> -- …\` of egress-gateway: eval "$(npm run -s completion -- bash)"
_egress_gateway_project=${quoted(PROJECT_DIRECTORY)}

_egress_gateway_stacks() {
    ls "$_egress_gateway_project" | sed -n 's/^Pulumi\\.\\(.*\\)\\.yaml$/\\1/p'
}

_egress_gateway_options() {
    case "$1" in
${commands.map(({ name, options }) => `        ${name}) echo ${quoted(options.join(" "))} ;;`).join("\n")}
    esac
}

# $1: command, $2: the word before
_egress_gateway_words() {
    case "$1 $2" in
${values.join("\n")}
        *) _egress_gateway_options "$1" ;;
    esac
}

_egress_gateway() {
    local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}" command="" place="" i
    for (( i = 1; i < COMP_CWORD; i++ )); do
        case "$place \${COMP_WORDS[i]}" in
            " run"|" run-script") place=command ;;
            "command -"*) ;;
            "command "*) command="\${COMP_WORDS[i]}"; place=npm ;;
            "npm --") place=ours ;;
        esac
    done
    COMPREPLY=()
    if [[ "$place" == command && "$cur" != -* ]]; then
        COMPREPLY=( $(compgen -W ${quoted(commands.map(({ name }) => name).join(" "))} -- "$cur") )
    elif [[ "$place" == npm && -n "$(_egress_gateway_options "$command")" ]]; then
        COMPREPLY=( $(compgen -W "--" -- "$cur") )
    elif [[ "$place" == ours && "$cur" == -* ]]; then
        COMPREPLY=( $(compgen -W "$(_egress_gateway_options "$command")" -- "$cur") )
    elif [[ "$place" == ours ]]; then
        COMPREPLY=( $(compgen -W "$(_egress_gateway_words "$command" "$prev")" -- "$cur") )
    elif [[ -n "$_egress_gateway_before" ]]; then
        "$_egress_gateway_before" "$@"
    fi
}

# What completed npm before goes on doing so for everything else.
if [[ "$(complete -p npm 2>/dev/null)" =~ -F\\ ([^\\ ]+) && "\${BASH_REMATCH[1]}" != _egress_gateway ]]; then
    _egress_gateway_before="\${BASH_REMATCH[1]}"
fi
complete -o default -F _egress_gateway npm
`;
}

/** zsh reads bash's completions once it is told to (zshcompsys, "bashcompinit"). */
function zsh(commands: readonly Completed[]): string {
    return `autoload -U +X compinit && compinit -u\nautoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
}

function fish(commands: readonly Completed[]): string {
    const lines = commands.flatMap(({ name, options, values }) => [
        `complete -c npm -f -n "__egress_gateway_at ${name}" -a ${quoted(options.join(" "))}`,
        ...values.flatMap(({ behind, what }) => {
            const at = `complete -c npm -n "__egress_gateway_behind ${name} ${behind.join(" ")}"`;
            return what === FILES
                ? `${at} -F`
                : `${at} -f -a ${what === STACKS ? '"(__egress_gateway_stacks)"' : quoted(what)}`;
        }),
    ]);
    return `# Completes \`npm run <command> -- …\` of egress-gateway: npm run -s completion -- fish | source
function __egress_gateway_stacks
    ls ${quoted(PROJECT_DIRECTORY)} | string replace -rf '^Pulumi\\.(.*)\\.yaml$' '$1'
end
function __egress_gateway_at
    string match -qr -- "^npm run (-\\S+ )*$argv[1] -- " (commandline -pc)
end
function __egress_gateway_behind
    __egress_gateway_at $argv[1]; and contains -- (commandline -poc)[-1] $argv[2..]
end
${lines.join("\n")}
`;
}

function quoted(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
