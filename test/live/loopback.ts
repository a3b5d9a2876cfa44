import * as http from "node:http";
import { type AddressInfo } from "node:net";
import { OAuth2Client } from "google-auth-library";
import { type GoogleOptions } from "../../live/google/api";

/** What a stand-in says: status, and what goes out as JSON. */
export type Said = readonly [status: number, body: unknown];

/** A stand-in on loopback for an API that speaks JSON. */
export abstract class Loopback {
    /** Every request, for example `GET /version`. */
    readonly asked: string[] = [];
    private readonly server = http.createServer((request, response) => {
        const url = new URL(request.url!, "http://loopback");
        const path = decodeURIComponent(url.pathname);
        this.asked.push(`${request.method} ${path}`);
        const [status, body] = this.answer(request.method!, path, url.searchParams);
        response.writeHead(status, { "content-type": "application/json" });
        response.end(JSON.stringify(body));
        request.resume();
    });

    async listening(): Promise<this> {
        await new Promise<void>(resolve => this.server.listen(0, "127.0.0.1", resolve));
        return this;
    }

    stop(): void {
        this.server.closeAllConnections();
        this.server.close();
    }

    protected address(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    protected abstract answer(method: string, path: string, query: URLSearchParams): Said;
}

/** Google's REST endpoints. */
export abstract class GoogleLoopback extends Loopback {
    /** How they are found in place of Google's own, with a token that nobody checks. */
    options(): GoogleOptions {
        const authClient = new OAuth2Client();
        authClient.setCredentials({ access_token: "a-token", expiry_date: Date.now() + 3_600_000 });
        return { authClient, endpoint: this.address() };
    }

    protected refusal(code: 403 | 404, message = "The resource was not found"): Said {
        return [code, { error: { code, message, status: code === 403 ? "PERMISSION_DENIED" : "NOT_FOUND" } }];
    }
}
