/** What the rest of the server may use of the Dockerfile language. */
export type * from './instructions/types.ts';
export type * from './syntax/tree.ts';
