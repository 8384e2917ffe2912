/** Why somebody comes back to the sign-in page from another place to sign in at. */

const FAULTS = ['oidc-unavailable', 'oidc-refused', 'oidc-no-account'] as const;
export type DoorFault = (typeof FAULTS)[number];

/** Of `?fault=`; what the server never says is not repeated. */
export function doorFault(asked: unknown): DoorFault | null {
  return FAULTS.find((fault) => fault === asked) ?? null;
}
