import { RESOLVER_NAME } from "../../base/conventions";

/** What finds the resolver's pods: its Service, its Deployment, network policies. */
export const POD_SELECTOR = { app: RESOLVER_NAME } as const;

/** On every object of the resolver. */
export const OBJECT_LABELS = { app: RESOLVER_NAME, "app.kubernetes.io/name": RESOLVER_NAME } as const;
