import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { ensureTool, ToolUnavailableError } from "../../dev/tools";

export interface RunningEnvoy {
    readonly pid: number;
    /** Ends it at once: what is open is cut. */
    readonly stop: () => void;
}

/** Envoy's executable; skips where the machine has none, but for CI, where that is a failure. */
export async function envoyOrSkip(context: Mocha.Context): Promise<string> {
    try {
        return (await ensureTool("envoy")).path;
    } catch (error) {
        if (error instanceof ToolUnavailableError && process.env["CI"] !== "true") {
            context.skip();
        }
        throw error;
    }
}

/**
 * Runs one Envoy until it accepts connections on the port.
 *
 * @throws Error with what it wrote when it ends before, or does not listen within 20 s
 */
export async function startEnvoy(
    executable: string,
    configuration: object,
    port: number,
    { address = "127.0.0.1", options = [] }: { readonly address?: string; readonly options?: readonly string[] } = {},
): Promise<RunningEnvoy> {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "envoy-"));
    const file = path.join(folder, "envoy.json");
    fs.writeFileSync(file, JSON.stringify(configuration));
    const usual = ["-c", file, "--concurrency", "1", "--use-dynamic-base-id", "-l", "error"];
    const child = spawn(executable, [...usual, ...options], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", data => (said += String(data)));
    const stop = (): void => {
        child.kill("SIGKILL");
        fs.rmSync(folder, { recursive: true, force: true });
    };
    for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt += 1) {
        if (await accepts(port, address)) {
            return { pid: child.pid!, stop };
        }
        await new Promise(resolve => setTimeout(resolve, 100));
    }
    stop();
    throw new Error(`Envoy does not listen on port ${port}: ${said}`);
}

export async function freePort(): Promise<number> {
    const server = net.createServer();
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise(resolve => server.close(resolve));
    return port;
}

function accepts(port: number, address: string): Promise<boolean> {
    return new Promise(resolve => {
        const socket = net.connect(port, address);
        socket.on("connect", () => {
            socket.destroy();
            resolve(true);
        });
        socket.on("error", () => resolve(false));
    });
}
