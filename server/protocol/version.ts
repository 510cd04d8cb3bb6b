/** Raised when a message changes its meaning. Client and server must agree exactly: they ship together. */
export const protocolVersion = 1;
