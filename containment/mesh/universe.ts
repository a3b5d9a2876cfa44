import { fields, fieldsList, text, texts } from "../kubernetes";
import { type Declaration, principalsOf } from "./declared";
import { type MeshModel } from "./model";
import { principalOfSpiffe, Universe } from "./principals";

/** Every identity and namespace that any object tells apart. */
export function universeOf(mesh: MeshModel, declaration: Declaration): Universe {
    const principals = new Set<string>(declaration.ports.flatMap(port => principalsOf(port, declaration.settings)));
    const namespaces = new Set<string>();
    for (const gateway of mesh.gateways) {
        for (const server of fieldsList(gateway.spec.servers)) {
            texts(fields(server.tls).subjectAltNames).forEach(name => principals.add(principalOfSpiffe(name) ?? ""));
        }
    }
    for (const policy of mesh.authorizationPolicies) {
        for (const rule of fieldsList(policy.spec.rules)) {
            const sources = fieldsList(rule.from).map(({ source }) => fields(source));
            const conditions = fieldsList(rule.when);
            const of = (positive: string, negative: string, key: string): readonly string[] => [
                ...sources.flatMap(source => [...texts(source[positive]), ...texts(source[negative])]),
                ...conditions
                    .filter(condition => text(condition.key) === key)
                    .flatMap(condition => [...texts(condition.values), ...texts(condition.notValues)]),
            ];
            of("principals", "notPrincipals", "source.principal").forEach(principal => principals.add(principal));
            of("namespaces", "notNamespaces", "source.namespace").forEach(namespace =>
                namespaces.add(namespace.replaceAll("*", "")),
            );
            for (const account of of("serviceAccounts", "notServiceAccounts", "source.serviceAccount")) {
                const [namespace, name] = account.includes("/") ? account.split("/", 2) : [policy.namespace, account];
                principals.add(`${declaration.settings.trustDomain}/ns/${namespace}/sa/${name}`);
            }
        }
    }
    principals.delete("");
    namespaces.delete("");
    return new Universe(declaration.settings.trustDomain, principals, namespaces);
}
