import { isWithin } from "../../containment/mesh/hosts";

/** Hosts where anybody can have an account, or that answer for names outside, with what they can be used for. */
interface SharedHosts {
    readonly use: string;
    readonly hosts: readonly string[];
}

/** Not complete, and it cannot be: advice for a review, not a border. */
const SHARED: readonly SharedHosts[] = [
    {
        use: "anybody's repositories, gists and issues take data in",
        hosts: [
            "github.com",
            "*.github.com",
            "*.githubusercontent.com",
            "gitlab.com",
            "*.gitlab.com",
            "bitbucket.org",
            "*.bitbucket.org",
            "codeberg.org",
        ],
    },
    {
        use: "anybody's bucket takes data in",
        hosts: [
            "storage.googleapis.com",
            "*.storage.googleapis.com",
            "s3.amazonaws.com",
            "*.s3.amazonaws.com",
            "*.s3.*.amazonaws.com",
            "*.blob.core.windows.net",
            "*.r2.cloudflarestorage.com",
            "*.digitaloceanspaces.com",
            "*.backblazeb2.com",
        ],
    },
    {
        use: "anybody's own program answers behind it, as a proxy to anywhere",
        hosts: [
            "*.run.app",
            "*.cloudfunctions.net",
            "*.appspot.com",
            "*.workers.dev",
            "*.pages.dev",
            "*.vercel.app",
            "*.netlify.app",
            "*.herokuapp.com",
            "*.azurewebsites.net",
            "*.lambda-url.*.on.aws",
            "*.ngrok.io",
            "*.ngrok-free.app",
            "*.trycloudflare.com",
        ],
    },
    {
        use: "anybody's paste, file or document takes data in",
        hosts: [
            "pastebin.com",
            "paste.ee",
            "hastebin.com",
            "transfer.sh",
            "file.io",
            "*.dropboxapi.com",
            "api.notion.com",
            "docs.google.com",
            "drive.google.com",
            "graph.microsoft.com",
        ],
    },
    {
        use: "anybody's channel takes messages in",
        hosts: [
            "slack.com",
            "*.slack.com",
            "discord.com",
            "discordapp.com",
            "api.telegram.org",
            "api.twilio.com",
            "graph.facebook.com",
            "webhook.site",
        ],
    },
    {
        use: "with a key of one's own it mails anything to anybody",
        hosts: [
            "api.sendgrid.com",
            "smtp.sendgrid.net",
            "api.mailgun.net",
            "email.*.amazonaws.com",
            "api.postmarkapp.com",
        ],
    },
    {
        use: "it resolves names for whoever asks, which is a channel by itself",
        hosts: [
            "dns.google",
            "cloudflare-dns.com",
            "*.cloudflare-dns.com",
            "one.one.one.one",
            "dns.quad9.net",
            "doh.opendns.com",
        ],
    },
    {
        use: "it is the outer name of Encrypted Client Hello: the name that is meant stays hidden",
        hosts: ["cloudflare-ech.com"],
    },
];

/** What a host can be used for besides what it is declared for; undefined for one that is not known to be shared. */
export function sharedUse(host: string, further: readonly string[]): string | undefined {
    const name = host.toLowerCase();
    if (further.some(pattern => covers(pattern, name))) {
        return "anybody can have an account there (listed in sharedHosts)";
    }
    return SHARED.find(({ hosts }) => hosts.some(pattern => covers(pattern, name)))?.use;
}

/** `*` in the middle stands for one label; in front it is a wildcard as the mesh has them. */
function covers(pattern: string, host: string): boolean {
    const [first, ...rest] = pattern.toLowerCase().split(".");
    if (!rest.includes("*")) {
        return isWithin(host, pattern.toLowerCase());
    }
    const labels = host.split(".");
    const wanted = first === "*" ? rest : [first!, ...rest];
    const offset = labels.length - wanted.length;
    return (
        (first === "*" ? offset > 0 : offset === 0) &&
        wanted.every((label, index) => label === "*" || label === labels[offset + index])
    );
}
