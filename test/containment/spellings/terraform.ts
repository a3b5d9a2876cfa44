import { REGION, type Sketch, type SketchRule, SUBNETS } from "../oracles/sketch";
import { LABELS, type Settlement, TAINTS } from "./settlement";

type Block = Record<string, unknown>;

const NETWORK = "https://www.googleapis.com/compute/v1/projects/p/global/networks/n";
const subnet = (name: string): string => `projects/p/regions/${REGION}/subnetworks/${name}`;

/** As `terraform show -json` shows the plan of what is there already: every value known, blocks as lists. */
export function asTerraform({ sketch, machine, grants, objects }: Settlement): string {
    const changes: object[] = [];
    const add = (type: string, name: string, after: Block): void => {
        changes.push({
            address: `${type}.${name}`,
            mode: "managed",
            type,
            name,
            provider_name: `registry.terraform.io/hashicorp/${type.split("_")[0]!}`,
            change: { actions: ["no-op"], before: after, after, after_unknown: {}, after_sensitive: {} },
        });
    };
    add("google_project", "p", { project_id: "p", name: "p", number: "12", org_id: "7", folder_id: "" });
    add("google_compute_network", "n", {
        id: "projects/p/global/networks/n",
        self_link: NETWORK,
        name: "n",
        project: "p",
        auto_create_subnetworks: true,
        delete_default_routes_on_create: !sketch.ownDefaultRoute,
        network_firewall_policy_enforcement_order: sketch.policiesFirst
            ? "BEFORE_CLASSIC_FIREWALL"
            : "AFTER_CLASSIC_FIREWALL",
    });
    for (const [name, { primary, pods, external6 }] of Object.entries(SUBNETS)) {
        add("google_compute_subnetwork", name, {
            id: subnet(name),
            name,
            project: "p",
            region: REGION,
            network: NETWORK,
            ip_cidr_range: primary,
            private_ip_google_access: true,
            purpose: "PRIVATE",
            secondary_ip_range: [{ range_name: `${name}-pods`, ip_cidr_range: pods, reserved_internal_range: "" }],
            stack_type: external6 ? "IPV4_IPV6" : "IPV4_ONLY",
            ipv6_access_type: external6 ? "EXTERNAL" : "",
        });
    }
    policies(sketch, add);
    sketch.rules
        .filter(({ layer }) => layer === "classic")
        .forEach((rule, index) => {
            const services = rule.services.map(({ protocol, ports }) => ({ protocol, ports }));
            add("google_compute_firewall", `classic_${index}`, {
                name: `classic-${index}`,
                project: "p",
                network: NETWORK,
                priority: rule.priority,
                direction: rule.direction,
                disabled: rule.disabled,
                allow: rule.action === "deny" ? [] : services,
                deny: rule.action === "deny" ? services : [],
                destination_ranges: rule.destinations ?? null,
                target_service_accounts: rule.accounts ?? null,
                target_tags: rule.tags ?? null,
            });
        });
    sketch.routes.forEach(({ destination, priority, tags }, index) => {
        add("google_compute_route", `route_${index}`, {
            name: `route-${index}`,
            project: "p",
            network: NETWORK,
            dest_range: destination,
            priority,
            tags: tags ?? null,
            next_hop_gateway:
                "https://www.googleapis.com/compute/v1/projects/p/global/gateways/default-internet-gateway",
            next_hop_ip: "",
        });
    });
    sketch.nats.forEach(({ serves, region }, index) => {
        add("google_compute_router", `router_${index}`, {
            name: `router-${index}`,
            project: "p",
            region,
            network: NETWORK,
        });
        const listed = typeof serves === "string" ? [] : serves;
        add("google_compute_router_nat", `nat_${index}`, {
            name: `nat-${index}`,
            project: "p",
            region,
            router: `router-${index}`,
            source_subnetwork_ip_ranges_to_nat:
                serves === "all"
                    ? "ALL_SUBNETWORKS_ALL_IP_RANGES"
                    : serves === "primary"
                      ? "ALL_SUBNETWORKS_ALL_PRIMARY_IP_RANGES"
                      : "LIST_OF_SUBNETWORKS",
            subnetwork: listed.map(share => ({
                name: `https://www.googleapis.com/compute/v1/${subnet(share.subnet)}`,
                source_ip_ranges_to_nat: share.ranges.map(range =>
                    range === "pods" ? "LIST_OF_SECONDARY_IP_RANGES" : range,
                ),
                secondary_ip_range_names: share.ranges.includes("pods") ? [`${share.subnet}-pods`] : [],
            })),
            rules: [],
        });
    });
    add("google_container_cluster", "k", {
        id: `projects/p/locations/${REGION}/clusters/k`,
        name: "k",
        project: "p",
        location: REGION,
        network: "projects/p/global/networks/n",
        subnetwork: subnet("apps"),
        remove_default_node_pool: true,
        node_pool: [],
        default_snat_status: [{ disabled: !sketch.snat }],
        ip_allocation_policy: [
            {
                cluster_secondary_range_name: "apps-pods",
                cluster_ipv4_cidr_block: SUBNETS["apps"]!.pods,
                stack_type: sketch.dualStack ? "IPV4_IPV6" : "IPV4",
                additional_ip_ranges_config: [],
            },
        ],
    });
    for (const { name, account, tags, subnet: own, external } of sketch.pools) {
        add("google_container_node_pool", name, {
            name,
            project: "p",
            location: REGION,
            cluster: "k",
            network_config: [
                {
                    subnetwork: subnet(own),
                    enable_private_nodes: !external,
                    pod_range: `${own}-pods`,
                    additional_node_network_configs: [],
                },
            ],
            node_config: [
                {
                    service_account: account,
                    tags,
                    labels: name === "two" ? LABELS : {},
                    taint: name === "two" ? TAINTS : [],
                },
            ],
        });
    }
    if (machine !== undefined) {
        add("google_compute_instance", "jump", {
            name: "jump",
            project: "p",
            zone: `${REGION}-b`,
            network_interface: [
                {
                    network: NETWORK,
                    subnetwork: subnet("apps"),
                    access_config: machine.external ? [{ nat_ip: "203.0.113.9", network_tier: "PREMIUM" }] : [],
                    alias_ip_range: [],
                    stack_type: "IPV4_ONLY",
                },
            ],
            service_account: [{ email: machine.account, scopes: ["cloud-platform"] }],
            tags: machine.tags,
        });
    }
    grants.forEach(({ role, member }, index) => {
        add("google_project_iam_member", `grant_${index}`, { project: "p", role, member, condition: [] });
    });
    objects.forEach((manifest, index) => {
        add("kubernetes_manifest", `object_${index}`, { manifest, object: manifest, wait: [], field_manager: [] });
    });
    return JSON.stringify({
        format_version: "1.2",
        terraform_version: "1.9.8",
        planned_values: { root_module: {} },
        resource_changes: changes,
        configuration: { provider_config: {}, root_module: {} },
    });
}

/** Rules are resources of their own, and a policy above projects is called by its number. */
function policies({ rules }: Sketch, add: (type: string, name: string, after: Block) => void): void {
    for (const [layer, type, policy, scope] of [
        ["organization", "google_compute_firewall_policy", "991", {}],
        ["global", "google_compute_network_firewall_policy", "global", { project: "p" }],
        ["regional", "google_compute_region_network_firewall_policy", "regional", { project: "p", region: REGION }],
    ] as const) {
        const above = layer === "organization" ? { short_name: layer, parent: "organizations/7" } : {};
        add(type, layer, { ...scope, ...above, name: policy });
        rules
            .filter(rule => rule.layer === layer)
            .forEach((rule, index) => {
                add(`${type}_rule`, `${layer}_${index}`, { ...scope, firewall_policy: policy, ...policyRule(rule) });
            });
        add(`${type}_association`, layer, {
            ...scope,
            name: layer,
            firewall_policy: policy,
            attachment_target: layer === "organization" ? "organizations/7" : NETWORK,
        });
    }
}

function policyRule(rule: SketchRule): Block {
    return {
        priority: rule.priority,
        action: rule.action === "next" ? "goto_next" : rule.action,
        direction: rule.direction,
        disabled: rule.disabled,
        match: [
            {
                dest_ip_ranges: rule.destinations ?? null,
                layer4_configs: rule.services.map(({ protocol, ports }) => ({ ip_protocol: protocol, ports })),
                dest_fqdns: null,
            },
        ],
        target_service_accounts: rule.accounts ?? null,
        target_secure_tags: [],
    };
}
