import type { Survey } from '../store/damage.ts';

export interface Volume {
  readonly name: string;
  /** Absolute path of the data. */
  readonly mountpoint: string;
  readonly labels: { readonly [name: string]: string };
  readonly anonymous: boolean;
  readonly createdAt: string;
}

/** Named folders outside every overlay; they outlive containers and are shared between them. */
export interface VolumeService {
  /** Throws `store-corrupt` when one cannot be read. */
  list(): Promise<readonly Volume[]>;
  /** To show: all volumes, and those whose record cannot be read or is gone while their files are there. */
  survey(): Promise<Survey<Volume>>;
  get(name: string): Promise<Volume>;
  /** Existing ones are returned as they are, as docker does. With `mend` one that is damaged gets a new record. */
  create(options: {
    readonly name?: string;
    readonly labels?: { readonly [name: string]: string };
    readonly mend?: boolean;
  }): Promise<Volume>;
  /** Throws `conflict` naming the containers that use it. */
  remove(name: string, options?: { readonly force?: boolean }): Promise<void>;
}
