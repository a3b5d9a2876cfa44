import { REGION, toResources } from "../oracles/sketch";
import { compute, resource } from "../worlds/build";
import { LABELS, type Settlement, TAINTS } from "./settlement";

/** As a plan of Pulumi's. */
export function asPulumi({ sketch, machine, grants, objects }: Settlement): string {
    const resources = [
        ...toResources(sketch).map(entry =>
            entry.name !== "two"
                ? entry
                : {
                      ...entry,
                      inputs: {
                          ...entry.inputs,
                          nodeConfig: { ...(entry.inputs["nodeConfig"] as object), labels: LABELS, taints: TAINTS },
                      },
                  },
        ),
        ...(machine === undefined
            ? []
            : [
                  resource(compute("Instance"), "jump", {
                      name: "jump",
                      project: "p",
                      zone: `${REGION}-b`,
                      networkInterfaces: [
                          {
                              subnetwork: `projects/p/regions/${REGION}/subnetworks/apps`,
                              ...(machine.external ? { accessConfigs: [{}] } : {}),
                          },
                      ],
                      serviceAccount: { email: machine.account, scopes: ["cloud-platform"] },
                      tags: machine.tags,
                  }),
              ]),
        ...grants.map(({ role, member }, index) =>
            resource("gcp:projects/iAMMember:IAMMember", `grant-${index}`, { project: "p", role, member }),
        ),
        ...objects.map(object =>
            resource(
                `kubernetes:${object.apiVersion.includes("/") ? object.apiVersion : `core/${object.apiVersion}`}:${object.kind}`,
                `${object.metadata.namespace ?? ""}-${object.metadata.name}`,
                object,
            ),
        ),
    ];
    return JSON.stringify({ resources });
}
