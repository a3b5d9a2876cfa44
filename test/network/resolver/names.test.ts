import assert from "node:assert/strict";
import { RESOLVER_PORTS } from "../../../base/conventions";
import { type Answers } from "../../../components/resolver/answers";
import { corefile } from "../../../components/resolver/corefile";
import { type Ask } from "./ask";
import { type Declared, isDeclared, randomQueries } from "./hostile";
import { COMPANY, Lab, LOCKED, OPEN, RESOLVER, toolOrSkip, UPSTREAM } from "./lab";
import { CLASSES, type Message, message, opt, ORDINARY, question, rcode, record, type TypeName, TYPES } from "./wire";

const CHAINS = Array.from({ length: 9 }, (_, length) => `chain${length}.shop.example`);

const ANSWERS: Answers = {
    hosts: ["api.corp.example", "api.stripe.com", ...CHAINS, "example.org", "www.example.org"],
    zones: [
        { name: "corp.example", apex: true, types: ["SRV"], nameservers: [COMPANY] },
        { name: "example.org", apex: false, types: ["A", "AAAA"], nameservers: [] },
        { name: "inner.corp.example", apex: true, types: ["A"], nameservers: [] },
        { name: "wild.example", apex: false, types: ["A", "AAAA"], nameservers: [] },
    ],
    upstreams: [UPSTREAM],
};

/** The same, written down a second time. */
const DECLARED: Declared = {
    exact: new Set(ANSWERS.hosts),
    below: {
        "corp.example": ["SRV"],
        "example.org": ["A", "AAAA"],
        "inner.corp.example": ["A"],
        "wild.example": ["A", "AAAA"],
    },
    apex: new Set(["corp.example", "inner.corp.example"]),
};

const QUERIES = Number(process.env["DNS_QUERIES"] ?? 10_000);
const SEED = Number(process.env["DNS_SEED"] ?? 20261127);

describe("the resolver of the DNS lock", function () {
    this.timeout(300_000);
    let lab: Lab;

    before(async function () {
        lab = await Lab.start(await toolOrSkip(this, "coredns"), corefile(ANSWERS, "enforce"));
    });
    after(() => lab?.stop());

    const query = (name: string, type: TypeName, rest: { flags?: number; class?: number; opt?: Buffer } = {}): Buffer =>
        message(4711, rest.flags ?? ORDINARY, {
            questions: [question(name, TYPES[type], rest.class)],
            additionals: rest.opt === undefined ? [] : [rest.opt],
        });
    const ask = async (
        from: "client" | "cluster",
        where: Omit<Ask, "hex" | "transport"> & Partial<Ask>,
        bytes: Buffer,
    ): Promise<Message> => {
        const [said] = await lab.ask(from, [{ transport: "udp", ...where, hex: bytes.toString("hex") }]);
        assert.ok(said, "no answer");
        return said;
    };
    /** As a pod asks: the cluster's own DNS, which asks the resolver. */
    const asPod = (bytes: Buffer, server = LOCKED): Promise<Message> => ask("client", { server, port: 53 }, bytes);
    const straight = (bytes: Buffer, transport: Ask["transport"] = "udp"): Promise<Message> =>
        ask("cluster", { server: RESOLVER, port: RESOLVER_PORTS.dns, transport }, bytes);
    const outcome = (said: Message): string =>
        `${rcode(said)} ${said.answers.length} ${said.authorities.length === 0 ? "uncached" : "cached"}`;
    const EMPTY = "NOERROR 0 cached";
    const REFUSED = "NXDOMAIN 0 cached";

    const queries = randomQueries(SEED, QUERIES, [...DECLARED.exact, ...Object.keys(DECLARED.below)]);
    const sendTo = async (server: string, port: number, from: "client" | "cluster") => {
        await lab.reached();
        const asks = queries.map(({ bytes, transport }) => ({
            server,
            port,
            transport,
            hex: bytes.toString("hex"),
        }));
        const said = await lab.ask(from, asks);
        return { said, reached: await lab.reached() };
    };
    const undeclared = (reached: readonly Message[]): readonly Message[] =>
        reached.filter(({ questions }) => questions.length !== 1 || !isDeclared(questions[0]!, DECLARED));

    it(`lets none of ${QUERIES} random queries reach a server but what is declared, and of that the bare question`, async () => {
        const { reached, said } = await sendTo(RESOLVER, RESOLVER_PORTS.dns, "cluster");
        assert.ok(reached.length > 0, "some are declared");
        assert.deepEqual(undeclared(reached), []);
        for (const { additionals, answers, authorities, flags, questions } of reached) {
            const [{ name }] = [...questions];
            assert.equal(name, name!.toLowerCase());
            assert.deepEqual([answers, authorities], [[], []]);
            // An OPT record at most, without options.
            assert.ok(additionals.length <= 1);
            assert.ok(
                additionals.every(({ data, name: owner, type }) => owner === "" && type === 41 && data.length === 0),
            );
            // No answer, opcode 0, and recursion desired. TC, Z, AD, CD and the field of the code stay the client's: 8 bits for the server asked.
            assert.equal(flags & ~0x027f, ORDINARY);
        }
        assert.ok(said.filter(one => one === undefined).length < QUERIES / 100, "almost none stays without an answer");
    });

    it(`lets none of ${QUERIES} reach a server by way of the cluster's DNS`, async () => {
        await lab.startResolver(corefile(ANSWERS, "enforce"));
        const { reached } = await sendTo(LOCKED, 53, "client");
        assert.ok(reached.length > 0, "some are declared");
        assert.deepEqual(undeclared(reached), []);
    });

    it("lets them reach it without the lock", async () => {
        const { reached } = await sendTo(OPEN, 53, "client");
        assert.ok(undeclared(reached).length > QUERIES / 4, `${undeclared(reached).length} of ${QUERIES}`);
    });

    it("resolves every declared host, in any case, over UDP and TCP", async () => {
        for (const host of DECLARED.exact) {
            for (const type of ["A", "AAAA"] as const) {
                const said = await asPod(query(host, type));
                assert.equal(said.answers.filter(answer => answer.type === TYPES[type]).length, 1, `${host} ${type}`);
            }
        }
        const said = await straight(query("aPi.StRiPe.CoM", "A"), "tcp");
        assert.equal(said.answers.length, 1);
        assert.equal(said.questions[0]!.name, "aPi.StRiPe.CoM", "a client compares the question with its own");
    });

    it("asks servers from a part that only itself can ask", async () => {
        await lab.reached();
        for (const transport of ["udp", "tcp"] as const) {
            const hex = query("secret.canary.example", "A").toString("hex");
            const asked = [RESOLVER_PORTS.dns, RESOLVER_PORTS.asking].map((port): Ask => ({
                server: RESOLVER,
                port,
                transport,
                hex,
            }));
            const [first, second] = await lab.ask("cluster", asked);
            assert.equal(outcome(first!), REFUSED);
            assert.equal(second, undefined);
        }
        assert.deepEqual(await lab.reached(), []);
    });

    it("passes chains of aliases whole, whatever their names", async () => {
        for (const [length, host] of CHAINS.entries()) {
            const { answers } = await asPod(query(host, "A"));
            assert.deepEqual(
                answers.map(({ type }) => type),
                [...Array.from({ length }, () => TYPES.CNAME), TYPES.A],
            );
        }
    });

    it("answers names below a wildcard, and its own name only where a host is declared for it", async () => {
        assert.equal((await asPod(query("a.wild.example", "A"))).answers.length, 1);
        assert.equal((await asPod(query("b.a.wild.example", "AAAA"))).answers.length, 1);
        assert.equal(outcome(await straight(query("wild.example", "A"))), EMPTY);
        assert.equal((await straight(query("example.org", "A"))).answers.length, 1);
    });

    it("asks a zone's own servers for its types and for hosts in it, and them alone", async () => {
        await lab.startResolver(corefile(ANSWERS, "enforce"));
        for (const [name, type] of [
            ["_ldap._tcp.corp.example", "SRV"],
            ["corp.example", "SRV"],
            ["api.corp.example", "A"],
            ["db.inner.corp.example", "A"],
        ] as const) {
            assert.equal((await straight(query(name, type))).answers.length, 1, name);
        }
        const reached = await lab.reached();
        assert.deepEqual(
            reached.map(({ questions, server }) => [questions[0]!.name, server]),
            [
                ["_ldap._tcp.corp.example", COMPANY],
                ["corp.example", COMPANY],
                ["api.corp.example", COMPANY],
                ["db.inner.corp.example", UPSTREAM],
            ],
        );
        assert.equal(outcome(await straight(query("db.corp.example", "A"))), EMPTY);
    });

    it("has nothing for other types and for names above declared ones, which exist all the same", async () => {
        await lab.reached();
        for (const type of ["HTTPS", "SVCB", "TXT", "NULL", "MX", "CNAME", "ANY", "SRV", "DS", "PRIVATE"] as const) {
            assert.equal(outcome(await straight(query("api.stripe.com", type))), EMPTY, type);
            assert.equal(outcome(await straight(query("a.wild.example", type))), EMPTY, type);
        }
        for (const name of ["stripe.com", "com", "", "example", "org", "wild.example"]) {
            assert.equal(outcome(await straight(query(name, "A"))), EMPTY, name);
        }
        assert.deepEqual(await lab.reached(), []);
    });

    it("knows no name beside, below or behind a declared one", async () => {
        await lab.reached();
        for (const name of [
            "x.api.stripe.com",
            "api.stripe.com.payments.svc.cluster.local",
            "api.stripe.com.svc.cluster.local",
            "api.stripe.com.europe-west4-a.c.acme-dev.internal",
            "api.stripe.com.google.internal",
            "xapi.stripe.com",
            "awild.example",
            "secret.canary.example",
        ]) {
            assert.equal(outcome(await straight(query(name, "A"))), REFUSED, name);
        }
        // One label that reads like two.
        const label = Buffer.concat([Buffer.from("\x06a.wild\x07example\0", "latin1")]);
        const dotted = message(1, ORDINARY, { questions: [question(label, TYPES.A)] });
        assert.equal(outcome(await straight(dotted)), REFUSED);
        assert.deepEqual(await lab.reached(), []);
    });

    it("refuses other classes and opcodes, and more than one question", async () => {
        for (const [said, expected] of [
            [await straight(query("api.stripe.com", "A", { class: CLASSES.CH })), "REFUSED"],
            [await straight(query("a.wild.example", "A", { class: CLASSES.ANY })), "REFUSED"],
            // NOTIFY.
            [await straight(query("api.stripe.com", "A", { flags: 4 << 11 })), "REFUSED"],
            // UPDATE.
            [await straight(query("api.stripe.com", "A", { flags: 5 << 11 })), "NOTIMP"],
        ] as const) {
            assert.equal(rcode(said), expected);
        }
        const two = message(1, ORDINARY, {
            questions: ["api.stripe.com", "x.example"].map(one => question(one, TYPES.A)),
        });
        assert.equal(rcode(await straight(two)), "FORMERR");
    });

    it("takes out the options that clients send, and asks for none with others or with further records", async () => {
        await lab.startResolver(corefile(ANSWERS, "enforce"));
        const cookie = opt([[10, Buffer.from("0123456789abcdef", "hex")]]);
        const said = await straight(query("chain8.shop.example", "AAAA", { opt: cookie }));
        assert.equal(rcode(said), "NOERROR");
        const unknown = opt([[65001, Buffer.from("words")]]);
        assert.equal(rcode(await straight(query("chain7.shop.example", "AAAA", { opt: unknown }))), "FORMERR");
        const text = record("words.example", TYPES.TXT, Buffer.from("\x05words"));
        assert.equal(rcode(await straight(query("chain7.shop.example", "AAAA", { opt: text }))), "FORMERR");
        // Four bytes whose text is twelve longer than they are, and a record of twelve.
        const odd = question(Buffer.from("\x04\x01\x01\x01\x01\x04wild\x07example\0", "latin1"), TYPES.A);
        const twelve = record("", TYPES.NULL, Buffer.from("!"));
        assert.equal(outcome(await straight(message(1, ORDINARY, { questions: [odd], additionals: [twelve] }))), EMPTY);
        // As long as an empty OPT, and none.
        const like = record("", TYPES.NULL, Buffer.alloc(0), 0x776f, 0x7264_7321);
        assert.equal(rcode(await straight(query("chain7.shop.example", "AAAA", { opt: like }))), "FORMERR");
    });

    it("keeps to what a client without EDNS can take", async () => {
        const { additionals } = await straight(query("api.stripe.com", "A"));
        assert.deepEqual(additionals, []);
    });

    it("counts and logs what is not declared, in lines that no name can forge", async () => {
        const forged = Buffer.from('\x1aa" A\n[INFO] undeclared IN \x06canary\x07example\0', "latin1");
        await straight(message(1, ORDINARY, { questions: [question(forged, TYPES.TXT)] }));
        const line =
            'undeclared TXT IN a\\"\\ a\\010[info]\\ undeclared\\ in\\ .canary.example. udp 10.0.2.1 NXDOMAIN\n';
        assert.ok(await lab.logged(line), lab.log());
        const metrics = await lab.metrics();
        assert.match(metrics, /coredns_dns_responses_total\{[^}]*rcode="NXDOMAIN"[^}]*view="undeclared"[^}]*\} \d+/);
    });

    it("is not needed for names of the cluster", async () => {
        await lab.stopResolver();
        const said = await asPod(query("ledger.payments.svc.cluster.local", "A"));
        assert.equal(said.answers.length, 1);
        assert.equal(rcode(await asPod(query("missing.payments.svc.cluster.local", "A"))), "NXDOMAIN");
        assert.equal(rcode(await asPod(query("uncached.wild.example", "A"))), "SERVFAIL");
        await lab.startResolver(corefile(ANSWERS, "enforce"));
        assert.equal((await asPod(query("after.wild.example", "A"))).answers.length, 1);
    });

    it("answers everything while it observes, and logs what it would refuse", async () => {
        await lab.startResolver(corefile(ANSWERS, "observe"));
        for (const [name, type, view] of [
            ["api.stripe.com", "A", undefined],
            ["x.canary.example", "A", "undeclared A"],
            ["y.canary.example", "TXT", "undeclared TXT"],
            ["api.stripe.com", "HTTPS", "empty HTTPS"],
        ] as const) {
            assert.equal((await straight(query(name, type))).answers.length, 1, name);
            if (view !== undefined) {
                assert.ok(await lab.logged(`${view} IN ${name}.`), name);
            }
        }
        assert.ok(!lab.log().includes(" A IN api.stripe.com."));
    });
});
