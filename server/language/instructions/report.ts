import type { Span } from '../syntax/tree.ts';

/** Takes a problem that makes a build refuse an instruction; `suggestion` would replace the text of `span`. */
export type Report = (span: Span, code: string, message: string, suggestion?: string) => void;
