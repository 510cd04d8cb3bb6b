import type {
  ContainerInfo,
  DamagedObject,
  ImageSummary,
  NetworkInfo,
  PublishedPort,
  VolumeInfo,
} from '../../server/protocol/types.ts';

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
  | { readonly kind: 'volume'; readonly volume: VolumeInfo }
  | { readonly kind: 'damaged'; readonly damage: DamagedObject }
  | { readonly kind: 'network'; readonly network: NetworkInfo }
  | {
      readonly kind: 'endpoint';
      readonly network: NetworkInfo;
      readonly endpoint: NetworkInfo['containers'][number];
    }
  | { readonly kind: 'link'; readonly from: string; readonly link: ContainerInfo['links'][number] };

export type SubjectKind = Subject['kind'];

export type SubjectOf<K extends SubjectKind> = Extract<Subject, { kind: K }>;
