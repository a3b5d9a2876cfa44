/** Lives on the ground floor, since {@link ../declared} reads registered resources too. */
export { type Resource, UNKNOWN } from "../base/resource";
