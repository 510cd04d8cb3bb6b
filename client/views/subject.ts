import type {
  ContainerInfo,
  DamagedObject,
  FileDifference,
  FilePlace,
  ImageSummary,
  NetworkInfo,
  PublishedPort,
  VolumeInfo,
} from '../../server/protocol/types.ts';
import type { PastBuild } from '../build/buildHistory.ts';

/** What a row stands for; commands get it. */
export type Subject =
  | { readonly kind: 'container'; readonly container: ContainerInfo }
  | { readonly kind: 'port'; readonly container: ContainerInfo; readonly port: PublishedPort }
  | {
      readonly kind: 'mount';
      readonly container: ContainerInfo;
      readonly mount: ContainerInfo['mounts'][number];
    }
  | { readonly kind: 'image'; readonly image: ImageSummary; readonly reference: string | undefined }
  | { readonly kind: 'build'; readonly build: PastBuild }
  | { readonly kind: 'volume'; readonly volume: VolumeInfo }
  | { readonly kind: 'damaged'; readonly damage: DamagedObject }
  | { readonly kind: 'network'; readonly network: NetworkInfo }
  | {
      readonly kind: 'endpoint';
      readonly network: NetworkInfo;
      readonly endpoint: NetworkInfo['containers'][number];
    }
  | {
      readonly kind: 'file';
      readonly place: FilePlace;
      readonly path: string;
      readonly isFolder: boolean;
    }
  | { readonly kind: 'layer'; readonly chainId: string; readonly label: string }
  /** A folder of changed files, or all of them. */
  | { readonly kind: 'changes' }
  | {
      readonly kind: 'change';
      readonly change: FileDifference['kind'];
      readonly path: string;
      readonly before: FilePlace | undefined;
      readonly after: FilePlace;
    }
  | { readonly kind: 'link'; readonly from: string; readonly link: ContainerInfo['links'][number] };

export type SubjectKind = Subject['kind'];

export type SubjectOf<K extends SubjectKind> = Extract<Subject, { kind: K }>;
