import { type ChildProcess, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";

/** One process in a pod's network namespace, with the files that a kubelet gives to a container. */
export interface Container {
    readonly process: ChildProcess;
    readonly startedAt: string;
    /** Resolves with the exit code when it has ended. */
    readonly ended: Promise<number>;
    /** What it has written to /dev/termination-log. */
    message(): string;
    log(): string;
    kill(): void;
}

export interface ContainerSpec {
    /** Network namespace. */
    readonly namespace: string;
    /** A folder of its own, readable for everybody. */
    readonly folder: string;
    readonly command: readonly string[];
    readonly user: number;
    readonly group: number;
    readonly environment: Readonly<Record<string, string>>;
    readonly resolvConf: string;
}

/**
 * A mount namespace of its own: an empty /tmp, a /dev with the devices that a container has and the termination log, and the
 * pod's resolv.conf. Everything else of the root file system is the machine's: an image is no more than a PATH here.
 */
const ENTRY = `
set -e
work=$1 user=$2 group=$3
shift 3
mkdir -p "$work/dev"
mount -t tmpfs -o mode=755 tmpfs "$work/dev"
for device in null zero full random urandom tty; do cp -a "/dev/$device" "$work/dev/"; done
ln -s /proc/self/fd "$work/dev/fd"
ln -s /proc/self/fd/0 "$work/dev/stdin"
ln -s /proc/self/fd/1 "$work/dev/stdout"
ln -s /proc/self/fd/2 "$work/dev/stderr"
touch "$work/dev/termination-log"
mount --bind "$work/message" "$work/dev/termination-log"
mount --bind "$work/resolv.conf" /etc/resolv.conf
mount --rbind "$work/dev" /dev
mount -t tmpfs -o mode=1777 tmpfs /tmp
cd /
exec setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs "$@"
`;

export function startContainer({
    command,
    environment,
    folder,
    group,
    namespace,
    resolvConf,
    user,
}: ContainerSpec): Container {
    fs.mkdirSync(folder, { recursive: true });
    const message = path.join(folder, "message");
    const log = path.join(folder, "log");
    fs.writeFileSync(message, "");
    fs.chmodSync(message, 0o666);
    fs.writeFileSync(path.join(folder, "resolv.conf"), resolvConf);
    const output = fs.openSync(log, "a");
    const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
    const child = spawn(
        "ip",
        [
            "netns",
            "exec",
            namespace,
            "unshare",
            "--mount",
            "sh",
            "-c",
            ENTRY,
            "entry",
            folder,
            String(user),
            String(group),
            "env",
            "-i",
            ...variables,
            ...command,
        ],
        { stdio: ["ignore", output, output], detached: true },
    );
    fs.closeSync(output);
    return {
        process: child,
        startedAt: new Date().toISOString(),
        ended: new Promise(resolve => {
            child.once("error", () => resolve(128));
            child.once("close", code => resolve(code ?? 137));
        }),
        message: () => fs.readFileSync(message, "utf8"),
        log: () => fs.readFileSync(log, "utf8"),
        kill: () => {
            try {
                process.kill(-child.pid!, "SIGKILL");
            } catch {
                // It has ended already.
            }
        },
    };
}
