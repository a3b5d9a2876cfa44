import { kubeconfig } from "../../components/platform/kubeconfig";
import { type Json } from "../../containment/document";
import { fields, text } from "../../containment/kubernetes";

/** The kubeconfig by which the program itself reaches the cluster, of Google's answer about it. */
export function kubeconfigOf({ controlPlaneEndpointsConfig, endpoint, masterAuth, name }: Json): string {
    const dns = fields(controlPlaneEndpointsConfig)["dnsEndpointConfig"];
    return kubeconfig(text(name) ?? "", {
        endpoint: text(endpoint) ?? "",
        masterAuths: [{ clusterCaCertificate: text(fields(masterAuth)["clusterCaCertificate"]) ?? "" }],
        controlPlaneEndpointsConfigs: [
            {
                dnsEndpointConfigs:
                    dns === undefined
                        ? []
                        : [
                              {
                                  endpoint: text(fields(dns)["endpoint"]) ?? "",
                                  allowExternalTraffic: fields(dns)["allowExternalTraffic"] === true,
                              },
                          ],
            },
        ],
    });
}
