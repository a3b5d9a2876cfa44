import { type Attempt } from "./probe";
import { dnsQuery, withLength } from "./query";

/** How long and how often a probe tries. */
export interface Patience {
    /** Every probe tries so often; a denial has to be seen each time. */
    readonly attempts: number;
    /** An attempt without an answer ends after so long. */
    readonly secondsPerAttempt: number;
}

export interface ScriptOptions extends Patience {
    /** Wait for Istio's sidecar first: before it is ready nothing gets out, and that would look like a denial. */
    readonly sidecar: boolean;
    /** Also written to this file, from which the kubelet takes the termination message. */
    readonly messageFile?: string;
}

/** A termination message is cut at this size (Kubernetes documentation, "Customizing the termination message"). */
const MESSAGE_LIMIT_BYTES = 4096;

/** The most that one attempt adds to the message. */
const BYTES_PER_ATTEMPT = 72;

/** How many probes fit into one pod's message. */
export function probesPerPod({ attempts }: Pick<Patience, "attempts">): number {
    return Math.max(1, Math.floor((MESSAGE_LIMIT_BYTES - 128) / (attempts * BYTES_PER_ATTEMPT)));
}

/**
 * A POSIX shell script that makes the attempts, each several times, all at once, and writes one line of JSON:
 *
 *     {"began":1767225600,"sidecar":"ready","results":[["0,200,1,","7,000,0,refused"], …]}
 *
 * One list per attempt, one entry a try: exit code of the tool, HTTP status, whether TLS was established, and a word. The
 * image has to have `sh` and `curl`; `nc` or `bash` for UDP and `ping` are used when they are there, and said to be missing
 * when they are not.
 */
export function probeScript(attempts: readonly Attempt[], options: ScriptOptions): string {
    const { attempts: tries, secondsPerAttempt, sidecar, messageFile } = options;
    return [
        `N=${tries} T=${secondsPerAttempt} M=${quoted(messageFile ?? "/dev/termination-log")}`,
        LIBRARY,
        sidecar ? "await_sidecar" : "S=none",
        "B=$(date +%s)",
        ...attempts.map((attempt, index) => `${command(index, attempt)} &`),
        "wait",
        `finish ${attempts.length}`,
    ].join("\n");
}

const LIBRARY = `
D=$(mktemp -d 2>/dev/null) || { D=/tmp/probe.$$; mkdir -p "$D"; }
clean() { tr -cd 'A-Za-z0-9 .:/_@-' | head -c "$1"; }
put() { printf '%s,%s,%s,%s\\n' "$2" "$3" "$4" "$5" >>"$D/$1.out"; }
word() {
    case "$(cat "$1")" in
    *refused*) echo refused ;;
    *'Network is unreachable'* | *'No route to host'* | *'Host is unreachable'* | *'assign requested address'* | *'not supported'*) echo unreachable ;;
    *'ermission denied'* | *'not permitted'*) echo forbidden ;;
    *'certificate'*'SSL certificate problem'* | *'SSL: no alternative'*) echo certificate ;;
    *'reset by peer'* | *'unexpected eof'* | *SSL_ERROR_SYSCALL* | *'closed abruptly'* | *'Empty reply'*) echo reset ;;
    *'wrong version number'*) echo not-tls ;;
    *alert*) echo alert ;;
    esac
}
web() {
    id=$1 keep=$2 i=0
    shift 2
    while [ "$i" -lt "$N" ]; do
        i=$((i + 1))
        out=$(curl -sS -v --noproxy '*' -o "$D/$id.body" --connect-timeout "$T" -m "$T" -w '%{http_code} %{time_appconnect}' "$@" 2>"$D/$id.err")
        x=$?
        h=\${out%% *} tls=1
        case "\${out#* }" in 0 | 0.0* | 0,0*) case "\${out#* }" in *[1-9]*) ;; *) tls=0 ;; esac ;; esac
        w=
        [ "$x" = 0 ] || w=$(word "$D/$id.err")
        [ "$keep" = 0 ] || [ ! -s "$D/$id.body" ] || w=$(clean "$keep" <"$D/$id.body")
        put "$id" "$x" "\${h:-000}" "$tls" "$w"
        rm -f "$D/$id.body"
    done
}
tcp() {
    i=0
    while [ "$i" -lt "$N" ]; do
        i=$((i + 1))
        total=$({ printf "$3"; sleep 2; } | curl -sS -v --noproxy '*' -o "$D/$1.body" --connect-timeout "$T" -m "$((T + 2))" -w '%{time_total}' "$2" 2>"$D/$1.err")
        x=$?
        w=$(word "$D/$1.err")
        if [ -s "$D/$1.body" ]; then w=answer; elif [ "$x" = 0 ]; then case "$total" in 0* | 1[.,]*) w=reset ;; *) w=open ;; esac; fi
        put "$1" "$x" 000 0 "$w"
        rm -f "$D/$1.body"
    done
}
udp() {
    i=0
    while [ "$i" -lt "$N" ]; do
        i=$((i + 1))
        began=$(date +%s)
        if command -v nc >/dev/null; then
            got=$({ printf "$4"; [ "$5" = 0 ] || head -c "$5" /dev/zero; } >"$D/$1.in"; nc -u -w "$T" "$2" "$3" <"$D/$1.in" 2>"$D/$1.err" | head -c 1 | wc -c)
        elif command -v bash >/dev/null; then
            got=$({ printf "$4"; [ "$5" = 0 ] || head -c "$5" /dev/zero; } >"$D/$1.in"; bash -c 'exec 3<>"/dev/udp/$0/$1" && cat "$2" >&3 && timeout "$3" head -c 1 <&3' "$2" "$3" "$D/$1.in" "$T" 2>"$D/$1.err" | wc -c)
        else
            put "$1" 127 000 0 'no nc or bash in the image'
            continue
        fi
        w=timeout
        if [ "$got" -gt 0 ]; then w=answer; else e=$(word "$D/$1.err"); w=\${e:-$w}; fi
        [ "$w" != timeout ] || [ $(($(date +%s) - began)) -ge $((T - 1)) ] || w=closed
        put "$1" 0 000 0 "$w"
    done
}
dns() {
    i=0
    while [ "$i" -lt "$N" ]; do
        i=$((i + 1))
        began=$(date +%s)
        if ! command -v od >/dev/null; then put "$1" 127 000 0 'no od in the image'; continue; fi
        printf "$5" >"$D/$1.in"
        if command -v nc >/dev/null; then
            u=
            [ "$2" = tcp ] || u=-u
            nc $u -w "$T" "$3" 53 <"$D/$1.in" 2>"$D/$1.err" | head -c "$4" >"$D/$1.body"
        elif command -v bash >/dev/null; then
            timeout "$T" bash -c 'exec 3<>"/dev/$0/$1/53" && cat "$2" >&3 && head -c "$3" <&3' "$2" "$3" "$D/$1.in" "$4" >"$D/$1.body" 2>"$D/$1.err"
        else
            put "$1" 127 000 0 'no nc or bash in the image'
            continue
        fi
        w=$(tail -c 12 "$D/$1.body" | od -An -tx1 | tr -d ' \n')
        if [ "$(wc -c <"$D/$1.body")" -lt "$4" ]; then
            e=$(word "$D/$1.err")
            if [ -n "$e" ]; then w=$e; elif [ $(($(date +%s) - began)) -ge $((T - 1)) ]; then w=timeout; elif [ "$2" = tcp ]; then w=reset; else w=closed; fi
        fi
        put "$1" 0 000 0 "$w"
    done
}
echo_request() {
    i=0
    while [ "$i" -lt "$N" ]; do
        i=$((i + 1))
        if ! command -v ping >/dev/null; then put "$1" 127 000 0 'no ping in the image'; continue; fi
        ping -c 1 -W "$T" "$2" >"$D/$1.err" 2>&1
        x=$?
        w=timeout
        if [ "$x" = 0 ]; then w=answer; else e=$(word "$D/$1.err"); w=\${e:-$w}; fi
        put "$1" "$x" 000 0 "$w"
    done
}
resolver() { sed -n 's/^nameserver[[:space:]]*//p' /etc/resolv.conf | head -n 1; }
await_sidecar() {
    S=missing
    waited=0
    while [ "$waited" -lt 60 ]; do
        if curl -fs --noproxy '*' -o /dev/null -m 1 http://127.0.0.1:15021/healthz/ready; then S=ready; return; fi
        waited=$((waited + 1))
        sleep 1
    done
}
finish() {
    j=0 all=
    while [ "$j" -lt "$1" ]; do
        tries=$([ ! -f "$D/$j.out" ] || sed 's/.*/"&"/' "$D/$j.out" | tr '\\n' ',')
        all="$all\${all:+,}[\${tries%,}]"
        j=$((j + 1))
    done
    printf '{"began":%s,"sidecar":"%s","results":[%s]}\\n' "$B" "$S" "$all" >"$M"
    rm -rf "$D"
    [ "$S" != ready ] || curl -s --noproxy '*' -o /dev/null -m 1 -X POST http://127.0.0.1:15020/quitquitquit
    exit 0
}`;

/** What the tools print when a body is kept: enough for an address, or for the words of a local reply. */
const KEPT_BYTES = 48;
const REPLY_BYTES = 20;
/** What is read of a DNS message: its header says whether there are answers. */
const HEADER_BYTES = 12;

function command(index: number, attempt: Attempt): string {
    switch (attempt.action) {
        case "https":
            return [
                "web",
                index,
                0,
                "-I",
                ...(attempt.anyCertificate === true ? ["-k"] : []),
                ...towards(attempt),
                quoted(`https://${authority(attempt)}/`),
            ].join(" ");
        case "http": {
            const { header, keepBody, path, tls } = attempt;
            const url = `${tls === true ? "https" : "http"}://${authority(attempt)}${path ?? "/"}`;
            return [
                "web",
                index,
                keepBody === true ? KEPT_BYTES : REPLY_BYTES,
                ...(header === undefined ? [] : ["-H", quoted(header)]),
                ...towards(attempt),
                quoted(url),
            ].join(" ");
        }
        case "tcp":
            return `tcp ${index} ${quoted(`telnet://${authority(attempt)}`)} ${quoted(attempt.send)}`;
        case "udp": {
            const { address, port, hex, padToBytes } = attempt;
            const to = address === undefined ? `"$(resolver)"` : quoted(address);
            return `udp ${index} ${to} ${port} ${quoted(octal(hex))} ${Math.max(0, (padToBytes ?? 0) - hex.length / 2)}`;
        }
        case "dns": {
            const { transport, address, name, type } = attempt;
            const query = dnsQuery(name, type);
            const to = address === undefined ? `"$(resolver)"` : quoted(address);
            const [bytes, sent] = transport === "udp" ? [HEADER_BYTES, query] : [HEADER_BYTES + 2, withLength(query)];
            return `dns ${index} ${transport} ${to} ${bytes} ${quoted(octal(sent))}`;
        }
        case "ping":
            return `echo_request ${index} ${quoted(attempt.address)}`;
    }
}

function authority({ host, port }: { readonly host: string; readonly port: number }): string {
    return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function towards(attempt: { readonly host: string; readonly port: number; readonly at?: string }): string[] {
    return attempt.at === undefined
        ? []
        : ["--connect-to", quoted(`${attempt.host}:${attempt.port}:${attempt.at}:${attempt.port}`)];
}

/** As `printf` of every shell reads bytes. */
function octal(hex: string): string {
    return [...Buffer.from(hex, "hex")].map(byte => `\\${byte.toString(8).padStart(3, "0")}`).join("");
}

function quoted(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}
