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
  list(): Promise<readonly Volume[]>;
  get(name: string): Promise<Volume>;
  /** Existing ones are returned as they are, as docker does. */
  create(options: {
    readonly name?: string;
    readonly labels?: { readonly [name: string]: string };
  }): Promise<Volume>;
  /** Throws `conflict` naming the containers that use it. */
  remove(name: string, options?: { readonly force?: boolean }): Promise<void>;
}
