import { type RuleCases, type Subject, undecided, UNKNOWN } from "./case";

function declared(...destinations: readonly unknown[]): readonly Subject[] {
    return [{ type: "egress-gateway:mesh:Mesh", inputs: { destinations } }];
}

const istio = { host: "istio.io", owner: "platform", reason: "release notes" };

export const governanceCases: readonly RuleCases[] = [
    {
        rule: "destination-owner",
        passes: {
            "an owner": declared(istio),
            "an owner that is not known yet": declared({ ...istio, owner: UNKNOWN }),
        },
        fails: {
            "no owner": {
                resources: declared(istio, { host: "api.example.com" }),
                messages: ["destinations[1] (api.example.com) has no owner."],
            },
        },
        unknown: {
            "the list": {
                resources: [{ type: "egress-gateway:mesh:Mesh", inputs: { destinations: UNKNOWN } }],
                messages: [undecided("destinations", "which destinations have an owner")],
            },
        },
    },
    {
        rule: "destination-expired",
        passes: {
            "no date": declared(istio),
            "a date to come": declared({ ...istio, expires: "2999-12-31" }),
        },
        fails: {
            "a date that has passed": {
                resources: declared({ ...istio, expires: "2020-02-29" }),
                messages: ["destinations[0] (istio.io) was meant until 2020-02-29."],
            },
        },
        unknown: {
            "the date": {
                resources: declared({ ...istio, expires: UNKNOWN }),
                messages: [undecided("destinations[0].expires", "whether the destination is past its date")],
            },
        },
    },
    {
        rule: "shared-hosts",
        passes: {
            "hosts of one owner": declared(istio, { ...istio, host: "s3.example.com" }),
            "a host that looks like another": declared({ ...istio, host: "notgithub.com" }),
        },
        fails: {
            "where anybody has an account": {
                resources: declared(
                    { ...istio, host: "api.github.com" },
                    { ...istio, host: "acme.s3.eu-west-1.amazonaws.com" },
                ),
                messages: [
                    "destinations[0] is api.github.com: anybody's repositories, gists and issues take data in.",
                    "destinations[1] is acme.s3.eu-west-1.amazonaws.com: anybody's bucket takes data in.",
                ],
            },
        },
        unknown: {
            "a host": {
                resources: declared({ ...istio, host: UNKNOWN }),
                messages: [undecided("destinations[0].host", "which hosts are open to everybody")],
            },
        },
    },
];
